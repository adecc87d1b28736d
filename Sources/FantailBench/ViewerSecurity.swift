import TLS

/// TLS of one viewer: the bytes of its socket on one side, what the node says on the other.
final class ViewerSecurity {
    private let connection: TLSConnection
    private let descriptor: Int32
    private let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 16)

    /// Agrees on TLS with the node, over a socket that still blocks.
    init(_ context: TLSContext, _ descriptor: Int32) {
        self.descriptor = descriptor
        do throws(TLSError) {
            connection = try TLSConnection(client: context, host: "localhost")
        } catch {
            FantailBench.fail("no TLS: \(error.message)")
        }
        flush()
        while !connection.isOpen { receive(LoopbackSocket.read(descriptor)) { _ in } }
    }

    deinit { plain.deallocate() }

    /// Sends plain bytes, over a socket that still blocks.
    func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            do throws(TLSError) { try connection.send(bytes) } catch { FantailBench.fail("TLS: \(error.message)") }
        }
        flush()
    }

    /// Calls `body` with what the bytes of the socket say.
    func receive(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { receive($0, body) }
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        do throws(TLSError) {
            try connection.receive(bytes, into: plain) { event in
                if case .plain(let bytes) = event { body(UnsafeRawBufferPointer(bytes)) }
                return true
            }
        } catch {
            FantailBench.fail("TLS: \(error.message)")
        }
        flush()
    }

    private func flush() {
        connection.takeOutput { LoopbackSocket.writeAll(descriptor, Array($0)) }
    }
}
