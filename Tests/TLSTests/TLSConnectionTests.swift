import CTLS
import CertificateFixture
import Cuttings
import Testing

@testable import TLS

@Suite("TLS")
struct TLSConnectionTests {
    static let made = Result { try Certificates() }
    let certificates: Certificates

    init() throws { certificates = try Self.made.get() }

    private func pair(
        _ kind: Certificates.Kind = .good, authority: String = "authority.pem", host: String? = "localhost"
    ) throws -> Pair {
        let server = try TLSContext.server(certificate: certificates.certificate(kind), key: certificates.key(kind))
        let client = try TLSContext.client(authorities: certificates.path(authority))
        return Pair(
            client: try TLSConnection(client: client, host: host), server: try TLSConnection(server: server))
    }

    @Test("both sides agree on TLS 1.3 and hear each other, however the bytes are cut", arguments: 0..<14)
    func agrees(way: Int) throws {
        let pair = try pair()
        var name = ""
        let cut = { (bytes: [UInt8]) -> [ArraySlice<UInt8>] in
            let cutting = Cutting.all(of: bytes)[way]
            name = cutting.name
            return cutting.pieces
        }
        try pair.settle(cut)
        #expect(pair.client.isOpen && pair.server.isOpen, "\(name)")
        #expect(pair.client.version == "TLSv1.3", "\(name)")
        try pair.client.send(Array("hello".utf8))
        try pair.server.send(Array("welcome".utf8))
        try pair.settle(cut)
        #expect(pair.atServer == Array("hello".utf8), "\(name)")
        #expect(pair.atClient == Array("welcome".utf8), "\(name)")
    }

    @Test("what is longer than a record comes whole")
    func large() throws {
        let pair = try pair()
        try pair.settle()
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0) }
        try pair.server.send(bytes)
        try pair.settle { Cutting(of: $0, seed: 7).pieces }
        #expect(pair.atClient == bytes)
    }

    @Test("an error that somebody else leaves on the thread is not the connection's")
    func foreignErrors() throws {
        let pair = try pair()
        try pair.settle()
        try pair.client.send(Array("question".utf8))
        var bytes: [UInt8] = []
        pair.client.takeOutput { bytes = Array($0) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)
        defer { buffer.deallocate() }
        var heard = 0
        try bytes.withUnsafeBytes { bytes in
            try pair.server.receive(bytes, into: buffer) { _ in
                heard += 1
                #expect(BIO_new_file("/nowhere", "r") == nil && ERR_peek_error() != 0)
                return true
            }
        }
        #expect(heard == 1)
    }

    @Test("a certificate is for names and addresses", arguments: ["localhost", "127.0.0.1"])
    func names(host: String) throws {
        let pair = try pair(host: host)
        try pair.settle()
        #expect(pair.client.isOpen)
    }

    @Test(
        "who cannot prove that it is the server is not spoken to",
        arguments: [
            ("good", "stranger.pem", "localhost", "unable to get local issuer certificate"),
            ("good", "authority.pem", "example.org", "hostname mismatch"),
            ("good", "authority.pem", "127.0.0.2", "IP address mismatch"),
            ("expired", "authority.pem", "localhost", "certificate has expired"),
        ])
    func untrusted(kind: String, authority: String, host: String, reason: String) throws {
        let pair = try pair(Certificates.Kind(rawValue: kind)!, authority: authority, host: host)
        #expect(throws: TLSError.untrusted(reason)) { try pair.settle() }
        #expect(!pair.client.isOpen)
        #expect(!pair.server.isOpen)
    }

    @Test("TLS 1.1 is refused, and the client is told why")
    func old() throws {
        let pair = try pair()
        var hello: [UInt8] = [3, 2] + [UInt8](repeating: 7, count: 32) + [0, 0, 4, 0xC0, 0x13, 0, 0x2F, 1, 0]
        hello = [1, 0, 0, UInt8(hello.count)] + hello
        let record = [22, 3, 1, 0, UInt8(hello.count)] + hello
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)
        defer { buffer.deallocate() }
        #expect(throws: TLSError.failed("unsupported protocol")) { try pair.server.take(record[...], buffer) }
        var answer: [UInt8] = []
        pair.server.takeOutput { answer = Array($0) }
        #expect(answer.first == 21 && answer.suffix(2) == [2, 70], "a fatal alert, protocol_version")
    }

    @Test("a server hears that the client does not take its certificate")
    func rejected() throws {
        let pair = try pair(authority: "stranger.pem")
        #expect(throws: TLSError.untrusted("unable to get local issuer certificate")) { try pair.settle() }
        #expect(throws: TLSError.rejected("tlsv1 alert unknown ca")) { try pair.settle() }
    }

    @Test(
        "plain HTTP is known as such, whatever the method",
        arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PRI", "A"])
    func plain(method: String) throws {
        let pair = try pair()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)
        defer { buffer.deallocate() }
        #expect(throws: TLSError.plainHTTP) {
            try pair.server.take(Array("\(method) / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)[...], buffer)
        }
    }

    @Test("noise ends the connection with an error, whatever it is", arguments: 0..<200)
    func noise(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let pair = try pair()
        let isLate = Bool.random(using: &random)
        if isLate { try pair.settle() }
        let bytes = (0..<70_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)
        defer { buffer.deallocate() }
        #expect(throws: TLSError.self, "seed \(seed)") { try pair.server.take(bytes[...], buffer) }
    }

    @Test("an end is told apart from a stream that was cut off")
    func end() throws {
        let pair = try pair()
        try pair.settle()
        #expect(!pair.server.hasEnded)
        try pair.client.send(Array("last".utf8))
        pair.client.finish()
        try pair.settle()
        #expect(pair.server.hasEnded)
        #expect(pair.atServer == Array("last".utf8))
        // The other direction is still open.
        try pair.server.send(Array("answer".utf8))
        try pair.settle()
        #expect(pair.atClient == Array("answer".utf8))
    }

    @Test("a key with a passphrase is no key: nobody is asked for it")
    func passphrase() throws {
        let locked = try certificates.lockedKey()
        #expect(throws: TLSError.self) {
            _ = try TLSContext.server(certificate: certificates.certificate(), key: locked)
        }
    }

    @Test("a file that holds no certificate is named")
    func files() throws {
        let nothing = certificates.path("nothing.pem")
        let good = certificates.certificate()
        for attempt in [
            { _ = try TLSContext.server(certificate: nothing, key: self.certificates.key()) },
            { _ = try TLSContext.client(authorities: nothing) },
            { _ = try TLSContext.server(certificate: good, key: nothing) },
        ] {
            #expect(throws: TLSError.self) { try attempt() }
        }
        do {
            _ = try TLSContext.server(certificate: good, key: certificates.key(.expired))
            Issue.record("the key of another certificate was taken")
        } catch {
            #expect(error.message.contains("holds no private key of that certificate"), "\(error.message)")
        }
    }
}
