import Glibc
import Testing

@testable import Settings

@Suite("Secrets from files")
final class SettingFileTests {
    private let path: String
    private var secret: Setting<[String]> {
        Setting("--key", ["FT_KEY", "KEY"], "TEXT", "a key", isSecret: true) { (values: inout [String], text: String) in
            values.append(text)
        }
    }

    init() throws {
        var template = Array("/tmp/fantail-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        close(descriptor)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unlink(path) }

    private func write(_ bytes: [UInt8]) throws {
        let file = try #require(fopen(path, "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    private func read(
        _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws(SettingError) -> (values: [String], given: [String: (values: [String], source: String)]) {
        var reader = SettingsReader([secret].withFiles(), defaults: [])
        guard case .settings(let values, _) = try reader.read(arguments: arguments, environment: environment) else {
            throw SettingError("help")
        }
        return (values, reader.given)
    }

    private func message(_ arguments: [String] = [], _ environment: [String: String] = [:]) -> String? {
        do throws(SettingError) {
            _ = try read(arguments, environment)
            return nil
        } catch { return error.message }
    }

    @Test("each secret has a flag and a variable of its file")
    func names() {
        let settings = [secret].withFiles()
        #expect(settings.map(\.flag) == ["--key", "--key-file"])
        #expect(settings[1].environment == ["FT_KEY_FILE", "KEY_FILE"] && !settings[1].isSecret)
        let files = NodeSettings.all.compactMap(\.heldFlag)
        #expect(files == ["--redis", "--sentinel-password", "--jwt-secret", "--api-key", "--ws-auth-token"])
    }

    @Test("the line ends behind a secret do not belong to it", arguments: ["s é\n", "s é\r\n", "s é\n\n", "s é"])
    func lineEnds(_ text: String) throws {
        try write(Array(text.utf8))
        #expect(try read(["--key-file", path]).values == ["s é"])
        #expect(try read([], ["KEY_FILE": path]).values == ["s é"])
        #expect(try read([], ["KEY": text]).values == ["s é"])
        #expect(try read(["--key", text]).values == ["s é"])
    }

    @Test("line ends within a secret, and spaces, belong to it")
    func otherSpace() throws {
        try write(Array(" a\nb \n".utf8))
        #expect(try read(["--key-file", path]).values == [" a\nb "])
    }

    @Test("it is known where a secret came from")
    func source() throws {
        try write(Array("s".utf8))
        let given = try read([], ["FT_KEY_FILE": path]).given
        #expect(given["--key"]?.source == "FT_KEY_FILE" && given["--key-file"]?.values == [path])
    }

    @Test("a flag wins over variables, whichever of the two it is")
    func precedence() throws {
        try write(Array("s".utf8))
        #expect(try read(["--key", "f"], ["FT_KEY_FILE": path, "KEY": "k"]).values == ["f"])
        #expect(try read(["--key-file", path], ["FT_KEY": "k"]).values == ["s"])
        #expect(try read(["--key", "f"], ["FT_KEY_FILE": "/nowhere"]).values == ["f"])
    }

    @Test("a secret and a file of it are one too many")
    func both() throws {
        try write(Array("s".utf8))
        #expect(
            message([], ["FT_KEY": "k", "FT_KEY_FILE": path])?.hasPrefix("FT_KEY and FT_KEY_FILE are both set") == true)
        #expect(message([], ["KEY": "k", "FT_KEY_FILE": path])?.hasPrefix("KEY and FT_KEY_FILE") == true)
        #expect(message(["--key-file", path, "--key", "k"])?.hasPrefix("--key and --key-file") == true)
        #expect(try read([], ["FT_KEY": "", "FT_KEY_FILE": path]).values == ["s"])
    }

    @Test("a file that cannot be used is named")
    func unusable() throws {
        #expect(
            message(["--key-file", "/nowhere/key"]) == "--key-file: cannot read /nowhere/key: No such file or directory"
        )
        #expect(message([], ["KEY_FILE": "/tmp"]) == "KEY_FILE: cannot read /tmp: Is a directory")
        for (bytes, words) in [
            ([], "empty"), (Array("\r\n\n".utf8), "empty"), ([0xFF, 0xFE], "text"), ([0x61, 0], "text"),
            ([UInt8](repeating: 0x61, count: 64 * 1024 + 1), "bytes"),
        ] as [([UInt8], String)] {
            try write(bytes)
            let said = try #require(message(["--key-file", path]))
            #expect(said.contains(path) && said.contains(words) && !said.contains("\n"), "\(said)")
        }
        try write([UInt8](repeating: 0x61, count: 64 * 1024))
        #expect(message(["--key-file", path]) == nil)
    }
}
