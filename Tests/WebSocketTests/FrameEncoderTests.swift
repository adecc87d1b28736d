import Base
import Testing
import WebSocket

@Suite("Frame encoder")
struct FrameEncoderTests {
    @Test(
        "a frame is what the RFC's rules give, in the shortest form",
        arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_001])
    func matchesRawFrames(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let key: [UInt8] = [0xA1, 0xB2, 0xC3, 0xD4]
        #expect(FrameEncoder.binary(payload).array == RawFrame(opcode: 2, payload: payload, mask: nil).bytes())
        #expect(
            FrameEncoder.binary(payload, mask: 0xA1B2_C3D4).array
                == RawFrame(opcode: 2, payload: payload, mask: key).bytes())
        #expect(FrameEncoder.text(payload).array == RawFrame(opcode: 1, payload: payload, mask: nil).bytes())
    }

    @Test("pings and pongs carry their payload")
    func control() {
        #expect(FrameEncoder.ping().array == [0x89, 0x00])
        #expect(FrameEncoder.ping([1, 2]).array == [0x89, 0x02, 1, 2])
        #expect(FrameEncoder.pong([1, 2]).array == [0x8A, 0x02, 1, 2])
        #expect(FrameEncoder.ping([0xFF], mask: 0x0F00_0000).array == [0x89, 0x81, 0x0F, 0, 0, 0, 0xF0])
    }

    @Test("a close carries code and reason, or nothing")
    func close() {
        #expect(FrameEncoder.close(.goingAway, reason: "x").array == [0x88, 0x03, 0x03, 0xE9, 0x78])
        #expect(FrameEncoder.close(nil).array == [0x88, 0x00])
    }

    @Test("a long reason is cut between characters")
    func longReason() {
        let frame = FrameEncoder.close(.normal, reason: String(repeating: "€", count: 60)).array
        #expect(frame[1] == 2 + 41 * 3)
        #expect(decode(frame, role: .client).events == [.close(.normal, reason: String(repeating: "€", count: 41))])
    }

    @Test("what one side encodes the other decodes")
    func roundTrip() {
        let payload = Array("hello, wörld".utf8)
        #expect(decode(FrameEncoder.text(payload, mask: 0xDEAD_BEEF).array).events == [.message(text: true, payload)])
        #expect(decode(FrameEncoder.text(payload).array, role: .client).events == [.message(text: true, payload)])
        #expect(
            decode(FrameEncoder.close(.serviceRestart, mask: 7).array).events == [.close(.serviceRestart, reason: "")])
    }

    @Test("a code that may not be sent traps")
    func ownMistake() async {
        await #expect(processExitsWith: .failure) { _ = FrameEncoder.close(.noStatus) }
        await #expect(processExitsWith: .failure) { _ = FrameEncoder.ping([UInt8](repeating: 0, count: 126)) }
    }
}
