public import Base
internal import CLibuv
internal import Glibc

extension Stream {
    /// The other side's address; nil when the connection is gone.
    public var peer: SocketAddress? {
        RawSocketAddress { getpeername(descriptor, $0, $1) }?.address
    }

    /// This side's address; nil when the connection is gone.
    public var local: SocketAddress? {
        RawSocketAddress { getsockname(descriptor, $0, $1) }?.address
    }

    /// Sends small writes at once (the default of accepted and connected TCP streams), or gathers them.
    public func setNoDelay(_ isOn: Bool = true) {
        if isTCP { setOption(IPPROTO_TCP, TCP_NODELAY, isOn ? 1 : 0) }
    }

    /// Makes the kernel probe a silent peer after `idleSeconds`, then every `intervalSeconds`; after `probes`
    /// unanswered probes the connection fails with `ETIMEDOUT`.
    public func setKeepAlive(idleSeconds: Int32, intervalSeconds: Int32, probes: Int32) {
        guard isTCP else { return }
        setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds)
        setOption(IPPROTO_TCP, TCP_KEEPINTVL, intervalSeconds)
        setOption(IPPROTO_TCP, TCP_KEEPCNT, probes)
    }

    /// How long the peer may leave sent bytes unacknowledged before the connection fails with `ETIMEDOUT`. By default
    /// the kernel retries for a quarter of an hour.
    public func setUserTimeout(milliseconds: Int32) {
        if isTCP { setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds) }
    }

    /// The size of the kernel's send buffer (the kernel doubles the number). A fixed size no longer grows.
    public func setSendBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_SNDBUF, bytes)
    }

    /// The size of the kernel's receive buffer (the kernel doubles the number).
    public func setReceiveBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_RCVBUF, bytes)
    }

    private func setOption(_ level: some BinaryInteger, _ name: Int32, _ value: Int32) {
        loop.assertCurrent()
        // Fails only on a closed socket or after the end of its connection, which the next read reports.
        _ = SocketOption.set(descriptor, Int32(level), name, value)
    }
}

/// setsockopt for integer options.
enum SocketOption {
    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Int32 {
        var value = value
        return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 ? 0 : errno
    }
}
