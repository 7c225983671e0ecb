using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Audit;

/// <summary>
/// The bytes that are hashed and signed: fields one after the other, each as its length in bytes in decimal digits, a colon, its UTF-8 bytes and a comma. The first field
/// names the form. Nothing can be moved from one field to the next without changing a length.
/// </summary>
public static class CanonicalForm
{
    /// <summary>First field of a row.</summary>
    public const string RowForm = "gateway-audit-row-1";

    /// <summary>First field of a checkpoint.</summary>
    public const string CheckpointForm = "gateway-audit-checkpoint-1";

    /// <summary>What the first row of a chain names as the hash before it.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>Hash of a row.</summary>
    public static string Hash(AuditRow row) => Convert.ToHexStringLower(SHA256.HashData(Of(row)));

    /// <summary>Bytes of a row.</summary>
    public static ReadOnlySpan<byte> Of(AuditRow row) => Fields(
        RowForm, row.Chain, Number(row.Sequence), Number(row.AtMicros), row.ActorId, row.ActorName, row.ActorRole, row.Action, row.Kind, row.EntryId, row.Detail,
        row.RequestId, row.Address, row.Reason, row.Previous);

    /// <summary>Bytes of a checkpoint.</summary>
    public static ReadOnlySpan<byte> Of(AuditCheckpoint checkpoint) => Fields(
        CheckpointForm, checkpoint.Purpose == CheckpointPurpose.Anchor ? "anchor" : "checkpoint", checkpoint.Chain, Number(checkpoint.Sequence), checkpoint.Hash,
        Number(checkpoint.AtMicros), checkpoint.KeyId);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static ReadOnlySpan<byte> Fields(params ReadOnlySpan<string> fields)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        foreach (var field in fields)
        {
            Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(field).ToString(CultureInfo.InvariantCulture)}:", bytes);
            Encoding.UTF8.GetBytes(field, bytes);
            bytes.Write(","u8);
        }

        return bytes.WrittenSpan;
    }
}
