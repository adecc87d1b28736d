import Base
import CWebFiles

/// A file that every node serves to browsers: built into the program, so that a node needs no other files. The table of
/// them is `Sources/CWebFiles/files.c`.
public struct WebFile: Sendable, Equatable {
    /// The media type; with the charset where the file is text.
    public let type: String
    /// The content, as browsers get it.
    public let bytes: [UInt8]
    /// Its entity tag, of the content alone: the same on every node of one version (RFC 9110 8.8.3).
    public let tag: String

    /// Whether a browser shows it as a page, rather than loads it into one.
    public var isPage: Bool { type.utf8.starts(with: "text/html".utf8) }

    /// The file at a path, such as `/fantail.js`.
    public static func at(_ path: String) -> WebFile? { all[path] }

    /// Every file by its path.
    public static let all: [String: WebFile] = {
        var files: [String: WebFile] = [:]
        while let entry = web_file_at(files.count)?.pointee {
            let path = String(cString: entry.path)
            precondition(files[path] == nil, "two files for \(path)")
            files[path] = WebFile(entry)
        }
        return files
    }()

    private init(_ entry: web_file) {
        type = String(cString: entry.type)
        bytes = Array(UnsafeBufferPointer(start: entry.bytes, count: entry.count))
        // Only this program chooses the input.
        tag = "\"\(String(FNV1a.hash64(bytes), radix: 36))\""
    }

}
