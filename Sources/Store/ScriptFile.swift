import CStoreScripts
import RESP

/// The Lua files of this target at build time (`Sources/CStoreScripts/scripts.c`).
///
/// A script begins with its shebang and a head of comments. The line `-- Parts A B` of the head names the files that it
/// shares with other scripts: they stand between the shebang and the rest. `ops/redis/script` assembles a script in the
/// same way for redis-cli.
enum ScriptFile {
    private static let texts: [String: String] = {
        var texts: [String: String] = [:]
        while let entry = store_script_at(texts.count)?.pointee {
            let bytes = UnsafeBufferPointer(start: entry.bytes, count: entry.count)
            texts[String(cString: entry.name)] = String(decoding: bytes, as: UTF8.self)
        }
        return texts
    }()

    /// The names of all files.
    static var names: Set<String> { Set(texts.keys) }

    /// A file's text. Traps where there is none of that name: that is a mistake in this program.
    static func text(_ name: String) -> String {
        guard let text = texts[name] else { preconditionFailure("CStoreScripts has no \(name).lua") }
        return text
    }

    /// A script with its parts.
    static func script(_ name: String) -> String {
        let text = text(name)
        guard let end = text.firstIndex(of: "\n"), text.hasPrefix("#!lua") else {
            preconditionFailure("\(name).lua: a script begins with #!lua")
        }
        return text[...end] + parts(of: text).map { Self.text($0) + "\n" }.joined() + text[text.index(after: end)...]
    }

    private static let partsMark = "-- Parts "

    /// The parts that a head names.
    static func parts(of text: String) -> [String] {
        let line = text.split(separator: "\n").first { $0.hasPrefix(partsMark) }
        return line?.dropFirst(partsMark.count).split(separator: " ").map(String.init) ?? []
    }
}

extension RedisScript {
    /// The script of a file; `name` is its name in errors; `runIDArgument` the place of the run id, if it has one.
    init(_ name: String, file: String, runIDArgument: Int? = nil) {
        self.init(name: name, text: ScriptFile.script(file), runIDArgument: runIDArgument)
    }
}
