import Glibc

/// What a node is measured against: a loop of `send`, one call per event and socket, and nothing else.
///
/// Commands on standard input: `accept N`, `steady EVENTS RATE SIZE`, `burst EVENTS SIZE`.
final class BareServer {
    private let listener = LoopbackSocket.listen()
    private var sockets: [Int32] = []

    init(_ options: Options) {}

    func run() {
        print("port \(listener.port)")
        fflush(nil)
        while let line = readLine() {
            let words = line.split(separator: " ").compactMap { Int($0) }
            if line.hasPrefix("accept") { accept(words[0]) }
            if line.hasPrefix("steady") { steady(events: words[0], rate: words[1], size: words[2]) }
            if line.hasPrefix("burst") { burst(events: words[0], size: words[1]) }
            print("ok")
            fflush(nil)
        }
    }

    private func accept(_ count: Int) {
        for _ in 0..<count {
            let descriptor = Glibc.accept(listener.descriptor, nil, nil)
            LoopbackSocket.setNoDelay(descriptor)
            LoopbackSocket.setNonBlocking(descriptor)
            sockets.append(descriptor)
        }
    }

    private func steady(events: Int, rate: Int, size: Int) {
        let start = Clock.nanoseconds
        for number in 1...events {
            Clock.sleep(until: start + UInt64(number) * 1_000_000_000 / UInt64(rate))
            broadcast(Payload.frame(number: number, size: size))
        }
    }

    private func burst(events: Int, size: Int) {
        for number in 1...events { broadcast(Payload.frame(number: number, size: size)) }
    }

    private func broadcast(_ frame: [UInt8]) {
        frame.withUnsafeBytes { bytes in
            for descriptor in sockets {
                var offset = 0
                while offset < bytes.count {
                    let count = send(descriptor, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
                    if count > 0 { offset += count } else { waitUntilWritable(descriptor) }
                }
            }
        }
    }

    private func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, 1000)
    }
}
