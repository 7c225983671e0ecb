using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Edge.Accounts;

namespace Gateway.Edge.StoredObjects;

/// <summary>
/// Ids of objects that providers keep (responses, files, batches) as callers see them: they say where the object is, and are authenticated together with the
/// tenant, so that no table is needed and nobody reaches what is another's. Form: prefix, <c>gw</c>, and as base64url: version (1 byte), length of the holder (1), length of the raw id (2,
/// little endian), holder, raw id, and the first 16 bytes of an HMAC-SHA256 over prefix, all of that and the tenant.
/// </summary>
internal sealed class ObjectIds
{
    /// <summary>Bytes of the secret.</summary>
    public const int KeyBytes = 32;

    /// <summary>Longest holder, in UTF-8.</summary>
    public const int MaxHolderBytes = byte.MaxValue;

    /// <summary>Longest raw id, in UTF-8.</summary>
    public const int MaxRawBytes = 1_024;

    private const string Mark = "gw";
    private const byte Version = 1;
    private const int HeadBytes = 4;
    private const int TagBytes = 16;
    private const int MaxBytes = HeadBytes + MaxHolderBytes + MaxRawBytes + TagBytes;

    // Lone surrogates have no bytes of their own: two ids would become one.
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _key;

    /// <param name="key">The secret, of <see cref="KeyBytes"/>.</param>
    public ObjectIds(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        _key = key.ToArray();
    }

    /// <summary>To whom what a key makes belongs: its team, and without one the key alone.</summary>
    public static string Tenant(KeyRuntime key) => key.TeamId.Length > 0 ? "team:" + key.TeamId : "key:" + key.Id;

    /// <summary>True when an id has the form of the wrapped ones; says nothing of whose it is.</summary>
    public static bool LooksWrapped(ReadOnlySpan<char> id, string prefix) => id.StartsWith(prefix) && id[prefix.Length..].StartsWith(Mark);

    /// <summary>True when <see cref="Wrap"/> takes the reference: neither part is empty, too long, or no text.</summary>
    public static bool Fits(in ObjectRef reference) =>
        Length(reference.HolderId) is > 0 and <= MaxHolderBytes && Length(reference.RawId) is > 0 and <= MaxRawBytes;

    /// <summary>Makes the id that a caller gets.</summary>
    /// <param name="prefix">What ids of the kind begin with, <c>resp_</c> for example.</param>
    /// <param name="reference">The object; one that <see cref="Fits"/>.</param>
    /// <param name="tenant">Whose it is, of <see cref="Tenant"/>.</param>
    /// <exception cref="ArgumentException">The reference does not fit.</exception>
    public string Wrap(string prefix, in ObjectRef reference, string tenant)
    {
        if (!Fits(reference))
        {
            throw new ArgumentException("The id is empty, too long, or no valid text.", nameof(reference));
        }

        Span<byte> bytes = stackalloc byte[MaxBytes];
        var holder = _utf8.GetBytes(reference.HolderId, bytes[HeadBytes..]);
        var raw = _utf8.GetBytes(reference.RawId, bytes[(HeadBytes + holder)..]);
        bytes[0] = Version;
        bytes[1] = (byte)holder;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)raw);
        var end = HeadBytes + holder + raw;
        Sign(prefix, bytes[..end], tenant, bytes.Slice(end, TagBytes));
        return string.Concat(prefix, Mark, Base64Url.EncodeToString(bytes[..(end + TagBytes)]));
    }

    /// <summary>Reads an id that a caller sent.</summary>
    /// <returns>False for whatever <see cref="Wrap"/> did not make for this prefix and tenant.</returns>
    public bool TryUnwrap(ReadOnlySpan<char> id, string prefix, string tenant, out ObjectRef reference)
    {
        reference = default;
        if (!LooksWrapped(id, prefix))
        {
            return false;
        }

        var text = id[(prefix.Length + Mark.Length)..];
        Span<byte> bytes = stackalloc byte[MaxBytes];
        if (text.Length > Base64Url.GetEncodedLength(MaxBytes)
            || Base64Url.DecodeFromChars(text, bytes, out var consumed, out var length) != OperationStatus.Done || consumed != text.Length
            || length < HeadBytes + TagBytes || bytes[0] != Version)
        {
            return false;
        }

        var (holder, raw) = (bytes[1], BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
        var end = HeadBytes + holder + raw;
        if (length != end + TagBytes)
        {
            return false;
        }

        Span<byte> tag = stackalloc byte[TagBytes];
        Sign(prefix, bytes[..end], tenant, tag);
        // One object has one id: spaces, padding and stray bits would give it others.
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes.Slice(end, TagBytes)) || !text.SequenceEqual(Base64Url.EncodeToString(bytes[..length])))
        {
            return false;
        }

        reference = new ObjectRef(_utf8.GetString(bytes.Slice(HeadBytes, holder)), _utf8.GetString(bytes.Slice(HeadBytes + holder, raw)));
        return true;
    }

    private static int Length(string? text)
    {
        try
        {
            return text is null ? 0 : _utf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return int.MaxValue;
        }
    }

    private void Sign(string prefix, ReadOnlySpan<byte> payload, string tenant, Span<byte> tag)
    {
        // Prefix and payload tell their lengths, so that nothing can move from one part to the next.
        var size = 2 + Encoding.UTF8.GetByteCount(prefix) + payload.Length + Encoding.UTF8.GetByteCount(tenant);
        var rented = ArrayPool<byte>.Shared.Rent(size);
        var at = 2 + Encoding.UTF8.GetBytes(prefix, rented.AsSpan(2));
        BinaryPrimitives.WriteUInt16LittleEndian(rented, (ushort)(at - 2));
        payload.CopyTo(rented.AsSpan(at));
        at += payload.Length;
        at += Encoding.UTF8.GetBytes(tenant, rented.AsSpan(at));
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, rented.AsSpan(0, at), whole);
        whole[..TagBytes].CopyTo(tag);
        ArrayPool<byte>.Shared.Return(rented);
    }
}
