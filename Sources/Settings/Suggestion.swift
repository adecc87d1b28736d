/// The known word that somebody probably meant.
public enum Suggestion {
    /// Characters of a word; nobody mistypes a longer one.
    private static let maxCharacters = 40

    /// The known word that is nearest to `word`; nil where none is near, or it is one of them.
    public static func nearest(to word: String, among known: [String]) -> String? {
        let most = max(1, word.count / 3)
        let near = known.map { (word: $0, distance: distance(word, $0)) }.filter {
            (1...most).contains($0.distance)
        }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// `; did you mean --port?`, or nothing.
    public static func question(_ word: String, among known: [String]) -> String {
        nearest(to: word, among: known).map { "; did you mean \($0)?" } ?? ";"
    }

    /// Letters that are missing, too many, wrong or swapped (optimal string alignment).
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count <= maxCharacters, other.count <= maxCharacters else { return .max }
        var rows = [Array(0...other.count)]
        for (index, byte) in one.enumerated() {
            var row = [index + 1]
            for (column, known) in other.enumerated() {
                var best = min(
                    rows[index][column] + (byte == known ? 0 : 1), row[column] + 1,
                    rows[index][column + 1] + 1)
                if index > 0, column > 0, byte == other[column - 1], one[index - 1] == known {
                    best = min(best, rows[index - 1][column - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
