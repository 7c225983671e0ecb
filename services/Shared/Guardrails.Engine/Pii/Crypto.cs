using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Addresses of crypto currencies by their checksums.</summary>
internal static class Crypto
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const string RippleBase58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
    private const string Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static readonly SearchValues<char> _base58 = SearchValues.Create(Base58);
    private static readonly SearchValues<char> _bech32 = SearchValues.Create(Bech32);

    public static PiiMatch Recognize(in PiiScan scan)
    {
        var text = scan.Of(scan.First);
        if (text.Length is < 25 or > 110)
        {
            return PiiMatch.None;
        }

        var score = text.Length == 42 && text[0] == '0' && text[1] == 'x' ? Ethereum(text)
            : text.StartsWith("bc1", StringComparison.OrdinalIgnoreCase) || text.StartsWith("ltc1", StringComparison.OrdinalIgnoreCase) || text.StartsWith("addr1", StringComparison.Ordinal) ? (IsBech32(text) ? 0.99 : 0)
            : text.Length <= 35 && text[0] is '1' or '3' or 'L' or 'M' or 'D' or 'T' && !text.ContainsAnyExcept(_base58) && IsBase58Check(text, Base58) ? 0.99
            : text.Length <= 35 && text[0] == 'r' && IsBase58Check(text, RippleBase58) ? 0.99
            : 0;
        return score > 0 ? new PiiMatch(scan.First.Start, scan.First.End, "crypto_address", score) : PiiMatch.None;
    }

    // Written in one case it has no checksum; in both it has one (EIP-55).
    private static double Ethereum(ReadOnlySpan<char> text)
    {
        var (upper, lower) = (false, false);
        foreach (var c in text[2..])
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return 0;
            }

            upper |= char.IsAsciiLetterUpper(c);
            lower |= char.IsAsciiLetterLower(c);
        }

        if (!(upper && lower))
        {
            return 0.8;
        }

        Span<byte> address = stackalloc byte[40];
        for (var i = 0; i < 40; i++)
        {
            address[i] = (byte)char.ToLowerInvariant(text[i + 2]);
        }

        Span<byte> hash = stackalloc byte[32];
        Keccak256.Hash(address, hash);
        for (var i = 0; i < 40; i++)
        {
            var high = ((i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2]) & 8) != 0;
            if (char.IsAsciiLetter(text[i + 2]) && char.IsAsciiLetterUpper(text[i + 2]) != high)
            {
                return 0;
            }
        }

        return 0.99;
    }

    private static bool IsBase58Check(ReadOnlySpan<char> text, string alphabet)
    {
        var number = BigInteger.Zero;
        var leading = 0;
        foreach (var c in text)
        {
            var digit = alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            leading += number.IsZero && digit == 0 ? 1 : 0;
            number = (number * 58) + digit;
        }

        Span<byte> bytes = stackalloc byte[64];
        if (!number.TryWriteBytes(bytes[leading..], out var written, isUnsigned: true, isBigEndian: true) || leading + written != 25)
        {
            return false;
        }

        bytes[..leading].Clear();
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes[..21], hash);
        SHA256.HashData(hash, hash);
        return hash[..4].SequenceEqual(bytes.Slice(21, 4));
    }

    private static bool IsBech32(ReadOnlySpan<char> text)
    {
        Span<char> lower = stackalloc char[text.Length];
        text.ToLowerInvariant(lower);
        var split = lower.LastIndexOf('1');
        if (split < 1 || lower.Length - split < 7 || lower[(split + 1)..].ContainsAnyExcept(_bech32))
        {
            return false;
        }

        uint check = 1;
        foreach (var c in lower[..split])
        {
            check = Step(check, (uint)c >> 5);
        }

        check = Step(check, 0);
        foreach (var c in lower[..split])
        {
            check = Step(check, (uint)c & 31);
        }

        foreach (var c in lower[(split + 1)..])
        {
            check = Step(check, (uint)Bech32.IndexOf(c, StringComparison.Ordinal));
        }

        // Of Bech32 and of Bech32m.
        return check is 1 or 0x2bc830a3;
    }

    private static uint Step(uint check, uint value)
    {
        ReadOnlySpan<uint> generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = check >> 25;
        check = ((check & 0x1ffffff) << 5) ^ value;
        for (var i = 0; i < 5; i++)
        {
            check ^= ((top >> i) & 1) != 0 ? generators[i] : 0;
        }

        return check;
    }
}
