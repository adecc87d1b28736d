import Glibc
import Terminal

/// Copies one of a command's streams, byte for byte, and shows the bytes to an observer, which must be quick.
struct Relay: Sendable {
    let source: Int32
    let target: Int32
    /// A pipe that hangs up when the command has ended.
    let commandEnd: Int32
    let show: @Sendable (UnsafeRawBufferPointer) -> Void

    /// Copies until the stream ends, or the target has no reader any more, or the command has ended and the stream,
    /// which another process holds open, is silent.
    func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RunLimits.relayBytes, alignment: 16)
        defer {
            buffer.deallocate()
            // A command that still writes sees the same as if it wrote to this process' output.
            close(source)
        }
        var hasEnded = false
        while true {
            var wanted = [
                pollfd(fd: source, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasEnded ? -1 : commandEnd, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&wanted, 2, hasEnded ? RunLimits.lingerMilliseconds : -1)
            if ready == 0 { return }
            if ready < 0 { continue }
            if wanted[0].revents != 0 {
                let count = read(source, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
                guard FileDescriptor.writeAll(target, bytes) else { return }
                show(bytes)
            } else if wanted[1].revents != 0 {
                hasEnded = true
            }
        }
    }
}
