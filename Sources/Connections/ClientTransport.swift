package import Base
package import EventLoop
package import Glibc

/// What carries the bytes of one client: a socket, or the polls of a client without one.
package protocol ClientTransport: AnyObject {
    /// The client's address; nil where it is gone, or there is no socket.
    var peer: SocketAddress? { get }
    /// Whether nothing more can be written now.
    var isWriting: Bool { get }
    /// Bytes that wait behind those that were written.
    var bytesBehind: Int { get }

    /// Writes what there is room for; returns its bytes, or a negative `errno`.
    func tryWrite(_ vector: UnsafeBufferPointer<iovec>) -> Int
    /// Writes the rest of a frame that ``tryWrite(_:)`` took a part of.
    func write(_ bytes: SharedBytes, from offset: Int)
    /// Reads from the client, so many bytes at a time.
    func startReading(maxBytes: Int)
    /// Leaves the client's bytes where they are.
    func stopReading()
    /// Ends this side once all is written.
    func finishWriting()
    /// Ends both sides now.
    func close()
}

extension Stream: ClientTransport {}
