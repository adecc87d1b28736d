import Glibc
import JSON

/// The example messages of the interface documents: their names and JSON types are the contract.
///
/// `messages.json` beside this file has the documents' own, and the packets of Socket.IO, each as a string.
public enum Examples {
    /// The messages of a dialect's clients, as they stand in the file.
    public static func fromClient(_ dialect: String) -> [String] { section("client_to_server", of: dialect) }

    /// The messages that a dialect's clients are sent.
    public static func fromServer(_ dialect: String) -> [String] { section("server_to_client", of: dialect) }

    /// The examples of one section; traps where there is none.
    public static func section(_ name: String, of dialect: String) -> [String] {
        guard let examples = contents[dialect]?[name], !examples.isEmpty else {
            fatalError("messages.json has no \(name) of \(dialect)")
        }
        return examples
    }

    /// The names of all sections, by dialect.
    public static var sections: [String: Set<String>] { contents.mapValues { Set($0.keys) } }

    private static let contents: [String: [String: [String]]] = {
        let parser = JSONParser(maxBytes: maxBytes)
        guard let file = try? parser.object(file("messages.json")) else {
            fatalError("messages.json is no JSON object")
        }
        var contents: [String: [String: [String]]] = [:]
        for dialect in file.fields {
            for section in dialect.value.object(parser)?.fields.map(\.self) ?? [] {
                let examples = section.value.elements ?? []
                contents[dialect.key, default: [:]][section.key] = examples.map {
                    String(decoding: $0.raw, as: UTF8.self)
                }
            }
        }
        return contents
    }()

    static let maxBytes = 1 << 20

    /// The bytes of a file beside this one.
    static func file(_ name: String) -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        guard let file = fopen("\(folder)/\(name)", "r") else { fatalError("no \(name) in \(folder)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maxBytes)
        let count = fread(&bytes, 1, maxBytes, file)
        return Array(bytes[..<count])
    }
}
