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

    /// The user that each names, or why it is refused.
    static let hs256Outcomes = [
        "123", "u-1", "x", "badClaims", "badClaims", "badClaims", "notYetValid", "a", "expired", "badClaims",
        "malformed",
    ]
}
