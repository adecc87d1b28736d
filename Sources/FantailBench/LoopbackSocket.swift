import Glibc

/// Plain sockets on 127.0.0.1.
enum LoopbackSocket {
    static func listen() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withSockaddr(&address) { address in
            _ = Glibc.bind(descriptor, address, length)
            _ = Glibc.listen(descriptor, 4096)
            getsockname(descriptor, address, &length)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Connects to a port from 127.0.0.1, or from another address of this machine: a node bounds the handshakes of one
    /// address, so clients of many numbers come from 64 addresses.
    static func connect(port: UInt16, from client: Int = 0) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var source = loopback(port: 0, host: UInt32(client % 64))
        withSockaddr(&source) { _ = Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        var address = loopback(port: port)
        let status = withSockaddr(&address) {
            Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard status == 0 else {
            FantailBench.fail("cannot connect to port \(port): \(String(cString: strerror(errno)))")
        }
        setNoDelay(descriptor)
        return descriptor
    }

    static func setNoDelay(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    static func setNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            guard count > 0 else { FantailBench.fail("a write failed: \(String(cString: strerror(errno)))") }
            offset += count
        }
    }

    /// What has come, at least a byte of it.
    static func read(_ descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { FantailBench.fail("the node closed a viewer's connection") }
        return Array(buffer.prefix(count))
    }

    /// A port without a listener at the moment.
    static func freePort() -> UInt16 {
        let (descriptor, port) = listen()
        close(descriptor)
        return port
    }

    private static func loopback(port: UInt16, host: UInt32 = 0) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(0x7F00_0001) + host).bigEndian
        return address
    }

    private static func withSockaddr<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutableBytes(of: &address) { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }
}
