import Glibc
import JSON

/// Columns of a fixed width.
enum Table {
    /// The width of the first column.
    static let nameWidth = 18

    static func line(_ cells: [String]) -> String {
        cells.enumerated().map { place, cell in
            let width = place == 0 ? nameWidth : 14
            let padding = String(repeating: " ", count: max(0, width - cell.count))
            return place == 0 ? cell + padding : padding + cell
        }.joined()
    }

    static func fixed(_ number: Double, _ digits: Int) -> String {
        let factor = digits == 1 ? 10.0 : 100.0
        let scaled = Int((number * factor).rounded())
        let fraction = String(scaled % Int(factor))
        return "\(scaled / Int(factor))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

/// A benchmark's figures as a JSON file.
enum Report {
    static func write(to path: String, _ fields: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        fields(&writer)
        writer.endObject()
        guard let file = fopen(path, "w") else { FantailBench.fail("cannot write \(path)") }
        fwrite(writer.bytes + [0x0A], 1, writer.bytes.count + 1, file)
        fclose(file)
    }
}
