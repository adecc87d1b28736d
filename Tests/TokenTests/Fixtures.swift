/// Keys and tokens made by other libraries, for these tests only.
enum Fixtures {
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA8yIppZP+/6ZhTOWdJknl
        B++6iFmliBQ66IiWxIrEOkjlcmDr0ADHmKe3e4KNpgqA7GBbQRC4x2Fhp1JkAWcr
        qigYUmSWDPZ1XDD76rq8UmvjPCfCm3q5Gm0xdYbiRpWiUoV2/Ekj5tCJ9t3z8qG5
        1yq5Qv6ZBns55YrvCXHWwDEApg2wbL7Vd/cnaoe02+gokNuEyAUIkvTLhEk7HCej
        mRh7pfn4B8wUqJ2nMbGOMwROONWgU+nqTib+mWIfotLyKXZE+DX7tStbd0ZOUAet
        M6ndUBSy9xigZVfzdypYyUsTN/W7fAjHBEE/uIYOfWqcY5X2y/hGOU8wvqF10Ulj
        FQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let ellipticPublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEH/AwuZwkE8ksvOIPs7VSyw2JxFHp
        wXJmpjxUkNEMj4OHQ0NFS87EObLlni3Ztnn9Po9ewVg1WH4KfOp8h286Gw==
        -----END PUBLIC KEY-----
        """

    static let rs256 = """
        eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.w-hH-LbXbzIxJpEalAZ7TCoZk3lNWb6ge5HYhRQ5ha\
        l0JAISR-ob0sQk-S330TZB_UIx_LcXReemst-0lYqjCB9x7EFnxGzz-iislHiVC52P4COCBmvTzr611jkR7BdmtC-AfUHAg1sFx4\
        FZjeeSmj47fEkxPpiTH4ipeUzPI4CuQUGbSf63cL228n5duAqLhAORjWmHpI2UHoqX97QG9ICJeZKh-GVHrsq4R7Nl_TcCRjsyqj\
        GFcH5s8pBVCnRlM2i9vIp_wawnzSz3rKBfHCI7OPAYwXg9zMYGzTzxNEi4WD4qvLr2UjFWkVZnUjgBXG_OYuIxHB_MOmwUjTeNUg
        """

    static let es256 = """
        eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.4Lt_GEjQosCi07OLfozaQQg7-8dGCBmWsgNjHOf8eX\
        0QoMPvmSWat79SlJek56vSBr2lr22LGMmP2ROsoNqv6Q
        """

    /// HS256, HS384 and HS512 with the secret `fixture`.
    static let hs256 = [
        // {"sub":123}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOjEyM30.gKxSqFD7xdgV1tHL5gWKMTEfTj2SBb2rh"
            + "1Eps51PWmc",
        // {"userId":"u-1","name":"U"}
        "eyJhbGciOiAiSFMzODQiLCAidHlwIjogIkpXVCJ9.eyJ1c2VySWQiOiJ1LTEiLCJuYW1lIjoiVSJ9.jWpQC_bMZeoe"
            + "eE9Kf8JEsuD79LKJaB0doXVRRLgp9DPSK0PY8j79pA3eqPxmjR60",
        // {"sub":"x"}
        "eyJhbGciOiAiSFM1MTIiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJ4In0.anx6Gb182I3KPQMVmxUjGm2H8nXKkYDho"
            + "OPK3EqSLjgzlZWNCw7w2btadSjnZ4BvO99bqSpA2hUTMLuOI0xJag",
        // {"name":"nobody"}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJuYW1lIjoibm9ib2R5In0.0_KZ7Hf5tB28CROxa838ukNEt"
            + "TeK5rvZ0VWNvE5OPJQ",
        // {"sub":"a","exp":"1900000000"}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoiMTkwMDAwMDAwMCJ9.aQ_6D0fO"
            + "83fbk47pmjVBd2B7Mb71auaa46FbWk_pNiU",
        // {"sub":"a","exp":1900000000.5}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoxOTAwMDAwMDAwLjV9.iZz8Tllo"
            + "G5KNEQFEMVxjfNiGkF7t12KfNAfolhCvuao",
        // {"sub":"a","nbf":1800000031}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJhIiwibmJmIjoxODAwMDAwMDMxfQ.A3BaN4gY4d"
            + "EibXNPhX2C83Ak8iHTb68UncAA0DzpXps",
        // {"sub":"a","nbf":1800000030}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJhIiwibmJmIjoxODAwMDAwMDMwfQ.XyZ0o4LX-7"
            + "XZU1ncXMwCoSwX_uCt0D6jfwKrk2jCg3c",
        // {"sub":"a","exp":1700000000}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiJhIiwiZXhwIjoxNzAwMDAwMDAwfQ.hNfDAFFiro"
            + "VsKT4XbuNa_BAxsLOOBQ1reTUqTOUjsiY",
        // {"sub":{"a":1}}
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOnsiYSI6MX19.HMi1YmAyx8lxz7yRSux_PcejDoPq"
            + "6BzzG3SLlR9g0Tk",
        // ["sub"]
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.WyJzdWIiXQ.E2nqWp3sZ1tim05MoLH50dkiImETjJiKL09caL"
            + "0KQtU",
    ]

    /// The user of each, or why it is refused.
    static let hs256Outcomes = [
        "123", "u-1", "x", "badClaims", "badClaims", "a", "notYetValid", "a", "expired", "badClaims",
        "malformed",
    ]

    /// HS256 tokens with the secret `fixture`: header, payload, signature, and the user of each, or why it is refused
    /// at 1,800,000,000 s.
    static let signed = [
        (#"{"alg":"HS256"}"#, #"{"sub":"a","exp":1800000000.5}"#, "dbs29pIx7qwmiMSj9ZrtFnrpr2W4Qpn4PgIcebzcIOo", "a"),
        (#"{"alg":"HS256"}"#, #"{"sub":"a","exp":1.8e9}"#, "nIPYh3wF6Nzw81w5Lj-blwwGCrUEzSPNwD5T_pbEVjQ", "a"),
        (#"{"alg":"HS256"}"#, #"{"sub":"a","exp":1799999970.001}"#, "OFgDqoZaKrdYtW7zMx2DllXUa1IWR4T8Zkv_SVrlX8I", "a"),
        (
            #"{"alg":"HS256"}"#, #"{"sub":"a","nbf":1800000030.0004}"#, "Kwbgeb14UocGaFuXwoy-n8Rb9BBPHgXGyc0_11SsRZU",
            "a"
        ),
        (
            #"{"alg":"HS256"}"#, #"{"sub":"a","nbf":1800000030.001}"#, "qjmKudyT-vTj3CulEO_Rxabr0moD_rrhzSb1V2jZGBQ",
            "notYetValid"
        ),
        (#"{"alg":"HS256"}"#, #"{"sub":"a","nbf":"1"}"#, "JS-Q-5Nzpye39EKqQn5zTLIA8VKu_YiaeCZTOuxZsC4", "badClaims"),
        (#"{"alg":"HS256"}"#, #"{"sub":"a","exp":1e300}"#, "_V2f1XP0tNOX43KFBE-j_FUi8a65iwJ-Ou8lb7oD4P8", "badClaims"),
        // libjwt's JSON library reads no number so large.
        (
            #"{"alg":"HS256"}"#, #"{"sub":"a","exp":1e400}"#, "QXK7kF3X8iumdNQnnwgGXJoyd4ndafvkzkGXcch7OFA",
            "badSignature"
        ),
        // Other fields of a header than alg and crit have no effect (RFC 7515 4).
        (#"{"alg":"HS256","b64":false}"#, #"{"sub":"a"}"#, "vtkuQiym9V6jwmOHxBP2waAgUVchSYTPvj-GpUZ1Wns", "a"),
        (
            #"{"alg":"HS256","kid":"1","crits":["x"]}"#, #"{"sub":"a"}"#, "nY_1VTxJPhCDdGS3tqaHz3lf6xaUpj7tQa1WTAHQl5g",
            "a"
        ),
        (
            #"{"alg":"HS256","crit":["b64"],"b64":true}"#, #"{"sub":"a"}"#,
            "R6Ky1fDr_J_bdzrla4OCplRdTcp4GtC3edT2oNov81I", "unknownExtension"
        ),
    ]

    /// HS256 signatures of `{"sub":"mallory"}` with the bytes of `publicKey` as the secret, by header.
    static let confused = [
        (#"{"alg":"RS256","alg":"HS256"}"#, "tgD21zSqj-q0Uu-DrTImPPc3YlZ7X-VPxybdwxb0XAI"),
        (#"{"alg":"RS256","\u0061lg":"HS256"}"#, "eQzvGaI7TboUqf8OOsn-1ycWV1tqWog1uSSwvT1Ua50"),
        (#"{"alg":"HS256","alg":"RS256"}"#, "O4c6pTwfzN0dhj8J1oTpImSJBYGwu0x4If5OgTatYZQ"),
    ]
}
