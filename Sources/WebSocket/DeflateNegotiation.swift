/// What is offered and agreed for permessage-deflate (RFC 7692 7.1).
///
/// Both sides always forget their window between messages: a connection then holds no state of zlib's, and a compressed
/// frame is the same for all viewers.
struct DeflateParameters {
    static let name = "permessage-deflate"
    /// What we offer as a client, and the beginning of what we answer as a server.
    static let withoutTakeover = "\(name); server_no_context_takeover; client_no_context_takeover"

    private(set) var serverForgets = false
    private(set) var serverWindowBits: Int?
    private(set) var clientWindowBitsNamed = false

    /// Nil for another extension, or with a parameter that is unknown, doubled or malformed: such an offer is declined,
    /// such an answer refused (RFC 7692 7.1).
    init?(_ item: ExtensionItem) {
        let names = item.parameters.map(\.name)
        guard item.name == Self.name, Set(names).count == names.count else { return nil }
        for parameter in item.parameters {
            guard note(parameter) else { return nil }
        }
    }

    private mutating func note(_ parameter: ExtensionItem.Parameter) -> Bool {
        switch (parameter.name, parameter.value) {
        case ("server_no_context_takeover", nil): serverForgets = true
        case ("client_no_context_takeover", nil): break
        case ("client_max_window_bits", nil): clientWindowBitsNamed = true
        case ("client_max_window_bits", let value?):
            clientWindowBitsNamed = true
            return Self.windowBits(value) != nil
        case ("server_max_window_bits", let value?):
            serverWindowBits = Self.windowBits(value)
            return serverWindowBits != nil
        default: return false
        }
        return true
    }

    /// 8 to 15, without leading zeros (RFC 7692 7.1.2).
    private static func windowBits(_ text: String) -> Int? {
        Int(text).flatMap { (8...15).contains($0) && String($0) == text ? $0 : nil }
    }

    /// What a server agrees to.
    struct Agreement: Equatable {
        /// Its answer's extension.
        let answer: String
        /// The window that it keeps to in what it sends.
        let windowBits: Int
    }

    /// The server's answer to the first offer that it can take, nil when there is none.
    static func answer(to offers: [ExtensionItem]) -> Agreement? {
        for case let offer? in offers.map(DeflateParameters.init) {
            guard let bits = offer.serverWindowBits else {
                return Agreement(answer: withoutTakeover, windowBits: Deflater.widestWindowBits)
            }
            // A window of 8 bits is more than zlib can promise: the next offer may be another.
            guard bits >= Deflater.narrowestWindowBits else { continue }
            // RFC 7692 7.1.2.1: whoever takes an offer with this parameter says so.
            return Agreement(answer: withoutTakeover + "; server_max_window_bits=\(bits)", windowBits: bits)
        }
        return nil
    }

    /// Whether a server's answer is one to what we offer. It must forget, since our inflater does; that it may also name
    /// a window of its own is RFC 7692 7.1.2.1, ours it may not name, since we did not offer that (7.1.2.2).
    var isAnswerToOurOffer: Bool { serverForgets && !clientWindowBitsNamed }
}
