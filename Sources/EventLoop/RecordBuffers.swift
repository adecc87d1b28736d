internal import TLS

/// What the streams of a loop that speak TLS have in common: each needs it during a call only.
final class RecordBuffers {
    /// Where decrypted bytes are put.
    let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 16)
    /// Where small frames are gathered, so that they share a record: each costs 22 bytes and a call of OpenSSL.
    let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 16)

    deinit {
        plain.deallocate()
        gathered.deallocate()
    }
}

extension EventLoop {
    var records: RecordBuffers {
        if let recordBuffers { return recordBuffers }
        let made = RecordBuffers()
        recordBuffers = made
        return made
    }
}
