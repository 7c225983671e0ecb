using System.Buffers.Binary;
using System.Text;

namespace Gateway.Edge.Tests.Telemetry;

/// <summary>A span as it is on the wire, by the numbers of opentelemetry/proto/trace/v1/trace.proto.</summary>
internal sealed record OtlpSpan(
    string Scope, string TraceId, string SpanId, string ParentId, string Name, int Kind, ulong Start, ulong End, IReadOnlyDictionary<string, object?> Tags, IReadOnlyList<OtlpEvent> Events, int Status)
{
    /// <summary>The service that sent it.</summary>
    public string Service { get; init; } = "";

    public object? this[string name] => Tags.GetValueOrDefault(name);

    /// <summary>Reads an ExportTraceServiceRequest.</summary>
    public static IEnumerable<OtlpSpan> Read(byte[] request)
    {
        foreach (var resource in Wire.Messages(request, 1))
        {
            var service = Wire.Messages(resource, 1).Select(r => Attributes(r, 1).GetValueOrDefault("service.name") as string).FirstOrDefault() ?? "";
            foreach (var scoped in Wire.Messages(resource, 2))
            {
                var scope = Wire.Messages(scoped, 1).Select(s => Wire.Text(s, 1)).FirstOrDefault() ?? "";
                foreach (var span in Wire.Messages(scoped, 2))
                {
                    yield return new OtlpSpan(
                        scope,
                        Wire.Hex(span, 1),
                        Wire.Hex(span, 2),
                        Wire.Hex(span, 4),
                        Wire.Text(span, 5),
                        (int)Wire.Number(span, 6),
                        Wire.Number(span, 7),
                        Wire.Number(span, 8),
                        Attributes(span, 9),
                        [.. Wire.Messages(span, 11).Select(e => new OtlpEvent(Wire.Text(e, 2), Wire.Number(e, 1), Attributes(e, 3)))],
                        Wire.Messages(span, 15).Select(s => (int)Wire.Number(s, 3)).FirstOrDefault()) { Service = service };
                }
            }
        }
    }

    private static Dictionary<string, object?> Attributes(byte[] message, int field) =>
        Wire.Messages(message, field).ToDictionary(a => Wire.Text(a, 1), a => Wire.Messages(a, 2).Select(Value).FirstOrDefault(), StringComparer.Ordinal);

    private static object? Value(byte[] any)
    {
        var (field, number, bytes) = Wire.Fields(any).FirstOrDefault();
        return field switch
        {
            1 => Encoding.UTF8.GetString(bytes!),
            2 => number != 0,
            3 => (long)number,
            4 => BitConverter.UInt64BitsToDouble(number),
            5 => Wire.Messages(bytes!, 1).Select(Value).ToArray(),
            _ => null,
        };
    }
}

/// <summary>An event of a span.</summary>
internal sealed record OtlpEvent(string Name, ulong Time, IReadOnlyDictionary<string, object?> Tags);

/// <summary>Protobuf's wire format.</summary>
internal static class Wire
{
    public static IEnumerable<(int Field, ulong Number, byte[]? Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (field, type) = ((int)(key >> 3), (int)(key & 7));
            switch (type)
            {
                case 0:
                    yield return (field, Varint(message, ref at), null);
                    break;
                case 1:
                    yield return (field, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), null);
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return (field, 0, message[at..(at + length)]);
                    at += length;
                    break;
                case 5:
                    yield return (field, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)), null);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {type}.");
            }
        }
    }

    public static IEnumerable<byte[]> Messages(byte[] message, int field) => Fields(message).Where(f => f.Field == field && f.Bytes is not null).Select(static f => f.Bytes!);

    public static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Messages(message, field).FirstOrDefault() ?? []);

    public static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Messages(message, field).FirstOrDefault() ?? []);

    public static ulong Number(byte[] message, int field) => Fields(message).FirstOrDefault(f => f.Field == field).Number;

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
