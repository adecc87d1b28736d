public import HTTP

/// Why a server's reply is no handshake.
public struct ClientHandshakeError: Error, Equatable, Sendable {
    /// The server's response, where it sent one: a refusal has its status and its reason in the body.
    public var response: Response?
    /// What is wrong with the reply, for people.
    public var message: String
}

/// The client's side of the opening handshake (RFC 6455 4.1): the request to send, and the check of the reply.
public struct ClientHandshake: Sendable {
    /// The result of the negotiation.
    public struct Agreement: Sendable, Equatable {
        /// The subprotocol that the server chose.
        public var subprotocol: String?
        /// Whether permessage-deflate is agreed.
        public var deflate: Bool
    }

    /// The bytes to send first.
    public let request: [UInt8]

    private let expectedAccept: String
    private let subprotocols: [String]
    private let offersDeflate: Bool
    private var reply = ResponseDecoder()

    /// A handshake for `GET target`. `key` is 16 random bytes, fresh for each connection.
    public init(
        host: String, target: String, key: [UInt8], subprotocols: [String] = [], headers: Headers = [:],
        offersDeflate: Bool = false
    ) {
        precondition(key.count == HandshakeKey.byteCount, "ClientHandshake: key of \(key.count) bytes")
        let encodedKey = HandshakeKey.base64(key)
        var fields: Headers = [
            "Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": encodedKey,
            "Sec-WebSocket-Version": "13",
        ]
        if !subprotocols.isEmpty { fields.add("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", ")) }
        if offersDeflate { fields.add("Sec-WebSocket-Extensions", DeflateParameters.withoutTakeover) }
        for field in headers.fields { fields.add(field.name, field.value) }
        request = ClientRequest(method: "GET", target: target, headers: fields).encode()
        expectedAccept = HandshakeKey.accept(encodedKey)
        self.subprotocols = subprotocols
        self.offersDeflate = offersDeflate
    }

    /// Takes received bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) { reply.append(bytes) }

    /// The agreement, nil while the reply is incomplete.
    public mutating func next() throws(ClientHandshakeError) -> Agreement? {
        let response: Response?
        do throws(HTTPError) {
            response = try reply.next()
        } catch {
            throw ClientHandshakeError(message: "the reply is not HTTP: \(error.message)")
        }
        return try response.map { response throws(ClientHandshakeError) in try check(response) }
    }

    /// The server has closed the connection. The part of its reply that arrived gives the reason, where it can be read.
    public mutating func finish() -> ClientHandshakeError {
        guard let response = reply.finish() else {
            return ClientHandshakeError(message: "the connection ended before the reply")
        }
        return .refused(response)
    }

    /// The bytes after the reply: frames.
    public mutating func takeRemainder() -> [UInt8] { reply.takeRemainder() }

    private func check(_ response: Response) throws(ClientHandshakeError) -> Agreement {
        guard response.status == 101 else { throw .refused(response) }
        guard response.headers.has("websocket", in: "Upgrade"), response.headers.has("upgrade", in: "Connection") else {
            throw ClientHandshakeError(response: response, message: "the server switched to something else")
        }
        guard response.headers.lines(of: "Sec-WebSocket-Accept") == [expectedAccept] else {
            throw ClientHandshakeError(response: response, message: "Sec-WebSocket-Accept does not match the key")
        }
        return Agreement(subprotocol: try checkSubprotocol(response), deflate: try checkExtensions(response))
    }

    private func checkSubprotocol(_ response: Response) throws(ClientHandshakeError) -> String? {
        let chosen = response.headers.lines(of: "Sec-WebSocket-Protocol")
        guard chosen.count <= 1, chosen.allSatisfy(subprotocols.contains) else {
            throw ClientHandshakeError(response: response, message: "the server chose a subprotocol of its own")
        }
        return chosen.first
    }

    private func checkExtensions(_ response: Response) throws(ClientHandshakeError) -> Bool {
        let agreed = ExtensionItem.all(in: response.headers)
        if agreed == [] { return false }
        guard offersDeflate, let agreed, agreed.count == 1, let deflate = DeflateParameters(agreed[0]),
            deflate.isAnswerToOurOffer
        else {
            throw ClientHandshakeError(response: response, message: "the server chose extensions of its own")
        }
        return true
    }
}

extension ClientHandshakeError {
    fileprivate static func refused(_ response: Response) -> ClientHandshakeError {
        ClientHandshakeError(response: response, message: "the server answered \(response.status)")
    }
}
