/// curl's meter, a table under a head: `% Total    % Received % Xferd …`, with `-Z` `DL% UL%  Dled  Uled …`.
struct CurlForm: Sendable {
    /// A table: its columns, and those of the total time and the time left.
    private struct Table {
        let columns: Int
        let total: Int
        let left: Int
        static let one = Table(columns: 12, total: 8, left: 10)
        static let parallel = Table(columns: 10, total: 6, left: 8)
    }

    private var table: Table?

    /// The reading in a line, if it is a row of the table that tells of progress.
    mutating func read(_ line: ArraySlice<UInt8>) -> Reading? {
        var scanner = Scanner(line)
        scanner.skipSpaces()
        if scanner.take("% Total    % Received") { table = .one }
        if scanner.take("DL% UL%") { table = .parallel }
        guard let table else { return nil }
        let cells = line.split(separator: 0x20)
        guard cells.count == table.columns, cells[0].allSatisfy(Scanner.isDigit),
            let percent = Int(String(decoding: cells[0], as: UTF8.self)), percent <= 100
        else { return nil }
        // Without a known length curl shows 100 %, and no total time.
        var total = Scanner(cells[table.total])
        guard total.time() != nil else { return nil }
        var left = Scanner(cells[table.left])
        return Reading(percent: Double(percent), remainingSeconds: left.time().flatMap(Whole.seconds))
    }
}
