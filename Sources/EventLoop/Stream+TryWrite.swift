// Not CLibuv: `iovec` would belong to that module and could not appear in our API.
public import Glibc

extension Stream {
    /// Gives the kernel as many bytes as it takes now. Returns their number, 0 when the kernel has no room (or bytes of
    /// ``write(_:from:)`` wait), a negative `errno` when the connection is broken. Never calls the handler.
    public func tryWrite(_ vector: UnsafeBufferPointer<iovec>) -> Int {
        if let security { return security.tryWrite(vector, on: self) }
        guard vector.count <= EventLoopLimits.buffersPerWrite else { return tryWriteInParts(vector) }
        guard let start = vector.baseAddress, vector.count > 0 else { return 0 }
        return send(start, count: vector.count)
    }

    private func tryWriteInParts(_ vector: UnsafeBufferPointer<iovec>) -> Int {
        var total = 0
        for first in stride(from: 0, to: vector.count, by: EventLoopLimits.buffersPerWrite) {
            let part = vector[first..<min(first + EventLoopLimits.buffersPerWrite, vector.count)]
            let written = tryWrite(UnsafeBufferPointer(rebasing: part))
            if written < 0 { return total > 0 ? total : written }
            total += written
            if written < part.reduce(0, { $0 + $1.iov_len }) { break }
        }
        return total
    }
}
