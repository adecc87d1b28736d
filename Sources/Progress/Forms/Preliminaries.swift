/// Lines of programs that count up to 100 % before the work has begun, or at its other end: apt reads its lists, git's
/// server counts what it will send. They are no progress.
enum Preliminaries {
    private static let beginnings = [
        "(Reading database", "Reading package lists", "Building dependency tree", "Reading state information",
        "remote: ", "Enumerating objects", "Counting objects", "Compressing objects", "Delta compression",
    ].map { Array($0.utf8) }

    static func include(_ line: ArraySlice<UInt8>) -> Bool {
        let text = line.drop { $0 == 0x20 }
        return beginnings.contains { text.starts(with: $0) }
    }
}
