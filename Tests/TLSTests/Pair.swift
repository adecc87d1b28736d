import Cuttings

@testable import TLS

/// A client and a server whose bytes reach each other in pieces.
final class Pair {
    let client: TLSConnection
    let server: TLSConnection
    var atClient: [UInt8] = []
    var atServer: [UInt8] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)

    init(client: TLSConnection, server: TLSConnection) {
        self.client = client
        self.server = server
    }

    deinit { buffer.deallocate() }

    /// Carries bytes to and fro until neither side has more, cut as `cut` says.
    func settle(_ cut: ([UInt8]) -> [ArraySlice<UInt8>] = { [$0[...]] }) throws(TLSError) {
        while client.hasOutput || server.hasOutput {
            atServer += try carry(from: client, to: server, cut)
            atClient += try carry(from: server, to: client, cut)
        }
    }

    private func carry(
        from sender: TLSConnection, to receiver: TLSConnection, _ cut: ([UInt8]) -> [ArraySlice<UInt8>]
    ) throws(TLSError) -> [UInt8] {
        var bytes: [UInt8] = []
        sender.takeOutput { bytes = Array($0) }
        var plain: [UInt8] = []
        for piece in cut(bytes) { plain += try receiver.take(piece, buffer) }
        return plain
    }
}

extension TLSConnection {
    /// The plain bytes in what has come.
    func take(_ bytes: ArraySlice<UInt8>, _ buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> [UInt8] {
        var plain: [UInt8] = []
        let copy = Array(bytes)
        let result: Result<Void, TLSError> = copy.withUnsafeBytes { raw in
            do throws(TLSError) {
                try receive(raw, into: buffer) { event in
                    if case .plain(let bytes) = event { plain += bytes }
                    return true
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        return plain
    }

    func send(_ bytes: [UInt8]) throws(TLSError) {
        let result: Result<Void, TLSError> = bytes.withUnsafeBytes { raw in
            do throws(TLSError) {
                try send(raw)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
