import Glibc
import Testing

@testable import Development

@Suite("Where a development node keeps its secret")
struct SecretFileTests {
    @Test(
        "below the folder for state, or the user's own, or nowhere",
        arguments: [
            (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/fantail/development-secret"),
            (["HOME": "/h"], "/h/.local/state/fantail/development-secret"),
            (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/fantail/development-secret"),
            // The specification: relative paths do not count.
            (["XDG_STATE_HOME": "s", "HOME": "/h"], "/h/.local/state/fantail/development-secret"),
            ([:], nil), (["HOME": ""], nil), (["HOME": "h"], nil),
        ] as [([String: String], String?)])
    func place(_ environment: [String: String], _ path: String?) {
        #expect(SecretFile(environment: environment)?.path == path)
    }

    private func withFile(_ body: (SecretFile) throws -> Void) throws {
        var template = Array("/tmp/fantail-secret-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let file = try #require(SecretFile(environment: ["XDG_STATE_HOME": folder]))
        try body(file)
        unlink(file.path)
        rmdir(folder + "/fantail")
        rmdir(folder)
    }

    @Test("a written secret is read")
    func roundTrip() throws {
        let (one, two) = (String(repeating: "a", count: 48), String(repeating: "b", count: 48))
        try withFile { file in
            #expect(file.read() == nil)
            #expect(file.write(one) && file.read() == one)
            #expect(file.write(two) && file.read() == two)
        }
    }

    @Test(
        "what can be no secret is none",
        arguments: ["", "short", String(repeating: "x", count: 257), String(repeating: "x", count: 40) + "\n"])
    func noSecret(_ text: String) throws {
        try withFile { file in
            _ = file.write(text)
            #expect(file.read() == nil)
        }
    }

    @Test("a file open to others does not count, nor does a link", arguments: [0o644, 0o640, 0o602] as [mode_t])
    func othersToo(_ mode: mode_t) throws {
        try withFile { file in
            #expect(file.write(String(repeating: "x", count: 40)))
            chmod(file.path, mode)
            #expect(file.read() == nil)
            chmod(file.path, 0o600)
            #expect(file.read() != nil)
            rename(file.path, file.path + ".there")
            symlink(file.path + ".there", file.path)
            #expect(file.read() == nil)
            unlink(file.path + ".there")
        }
    }
}
