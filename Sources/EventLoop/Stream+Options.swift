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

    /// Sends small writes at once (accepted and connected TCP streams do already), or gathers them.
    public func setNoDelay(_ isOn: Bool = true) {
        if isTCP { setOption(IPPROTO_TCP, TCP_NODELAY, isOn ? 1 : 0) }
    }

    /// Has the kernel ask a silent peer whether it is there, after `idleSeconds`, then every `intervalSeconds`; after
    /// `probes` questions without an answer the connection fails with `ETIMEDOUT`.
    public func setKeepAlive(idleSeconds: Int32, intervalSeconds: Int32, probes: Int32) {
        guard isTCP else { return }
        setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds)
        setOption(IPPROTO_TCP, TCP_KEEPINTVL, intervalSeconds)
        setOption(IPPROTO_TCP, TCP_KEEPCNT, probes)
    }

    /// How long sent bytes may stay without an acknowledgement before the connection fails with `ETIMEDOUT`. Without
    /// it the kernel tries for a quarter of an hour.
    public func setUserTimeout(milliseconds: Int32) {
        if isTCP { setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds) }
    }

    /// The size of the kernel's send buffer (it doubles the number). Fixed, it no longer grows with the connection.
    public func setSendBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_SNDBUF, bytes)
    }

    /// The size of the kernel's receive buffer (it doubles the number).
    public func setReceiveBuffer(bytes: Int32) {
        setOption(SOL_SOCKET, SO_RCVBUF, bytes)
    }

    private func setOption(_ level: some BinaryInteger, _ name: Int32, _ value: Int32) {
        loop.assertCurrent()
        // Fails only on a closed socket, or for one whose connection is gone, which the next read reports.
        _ = SocketOption.set(descriptor, Int32(level), name, value)
    }
}

/// setsockopt for the options that are one integer.
enum SocketOption {
    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Int32 {
        var value = value
        return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 ? 0 : errno
    }
}
