import Glibc
import Terminal

/// Passes one of a command's streams on, byte for byte, and shows what passes to somebody, who must be quick.
struct Relay: Sendable {
    let source: Int32
    let target: Int32
    /// A pipe that hangs up when the command has ended.
    let commandEnd: Int32
    let show: @Sendable (UnsafeRawBufferPointer) -> Void

    /// Passes on until the stream ends, or nobody reads the target any more, or the command has ended and the stream,
    /// which somebody else holds open, says nothing.
    func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RunLimits.relayBytes, alignment: 16)
        defer {
            buffer.deallocate()
            // To a command that still writes: as if its output had gone where ours does.
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
