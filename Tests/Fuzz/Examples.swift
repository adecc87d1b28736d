import Glibc
import JSON

/// The documents' example messages, from the file that the dialects' tests read.
enum Examples {
    /// Every client's message of a dialect.
    static func fromClient(_ dialect: String) -> [[UInt8]] { messages(dialect, "client_to_server") }

    /// Every message of every dialect, both ways.
    static var all: [[UInt8]] {
        ["jobs", "tasks", "presence", "topics"].flatMap { fromClient($0) + messages($0, "server_to_client") }
    }

    private static func messages(_ dialect: String, _ direction: String) -> [[UInt8]] {
        let parser = JSONParser(maxBytes: 1 << 20)
        guard let object = try? parser.object(file()), let messages = object[dialect]?.object(parser)?[direction] else {
            fatalError("messages.json has no \(direction) of \(dialect)")
        }
        return (messages.elements ?? []).map { JSONFuzz.rewritten($0, parser) }
    }

    private static func file() -> [UInt8] {
        let path = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        guard let file = fopen("\(path)/DialectsTests/messages.json", "r") else { fatalError("no messages.json") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
