/// The forms that many programs share: `45%`, `[12/300]`, `1.2/5.0 MB`, `Step 1 of 3`.
enum CommonForms {
    /// The percentage in a line: the last one, else the first fraction.
    static func read(_ line: ArraySlice<UInt8>) -> Double? {
        PercentageForm.last(in: line) ?? FractionForm.first(in: line)
    }
}
