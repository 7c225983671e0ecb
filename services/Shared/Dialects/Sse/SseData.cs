using System.Buffers;

namespace Gateway.Dialects.Sse;

/// <summary>Finds the payload of a server-sent event.</summary>
public static class SseData
{
    /// <summary>The payload of <paramref name="frame"/>: a slice of it, or for several <c>data</c> lines their join by LF. Empty when there is none (a comment, a bare event name).</summary>
    public static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> frame)
    {
        ReadOnlyMemory<byte> first = default;
        List<ReadOnlyMemory<byte>>? more = null;
        var found = false;
        var rest = frame;
        if (rest.Span.StartsWith("\uFEFF"u8))
        {
            rest = rest[3..];
        }

        while (!rest.IsEmpty)
        {
            var lineEnd = rest.Span.IndexOfAny((byte)'\r', (byte)'\n');
            var line = lineEnd < 0 ? rest : rest[..lineEnd];
            rest = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            if (!TryValue(line, "data"u8, out var value))
            {
                continue;
            }

            if (!found)
            {
                found = true;
                first = value;
            }
            else
            {
                (more ??= []).Add(value);
            }
        }

        return more is null ? first : Join(first, more);
    }

    /// <summary>The name of the event in <paramref name="frame"/>: the value of its last <c>event</c> line; empty when there is none.</summary>
    public static ReadOnlyMemory<byte> FindEvent(ReadOnlyMemory<byte> frame)
    {
        ReadOnlyMemory<byte> name = default;
        var rest = frame.Span.StartsWith("\uFEFF"u8) ? frame[3..] : frame;
        while (!rest.IsEmpty)
        {
            var lineEnd = rest.Span.IndexOfAny((byte)'\r', (byte)'\n');
            var line = lineEnd < 0 ? rest : rest[..lineEnd];
            rest = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            if (TryValue(line, "event"u8, out var value))
            {
                name = value;
            }
        }

        return name;
    }

    /// <summary>Writes an event.</summary>
    /// <param name="name">Its name; empty for none.</param>
    /// <param name="payload">What it carries; a line break in it begins another <c>data</c> line.</param>
    /// <param name="output">Takes the event.</param>
    public static void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (name.Length > 0)
        {
            output.Write("event: "u8);
            output.Write(name);
            output.Write("\n"u8);
        }

        WriteLines(payload, output);
        output.Write("\n"u8);
    }

    /// <summary>Writes an event with another payload; its other lines stay.</summary>
    /// <param name="frame">The event.</param>
    /// <param name="payload">What it carries now.</param>
    /// <param name="output">Takes the event.</param>
    public static void Replace(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var isWritten = false;
        var rest = frame.StartsWith("\uFEFF"u8) ? frame[3..] : frame;
        while (!rest.IsEmpty)
        {
            var lineEnd = rest.IndexOfAny((byte)'\r', (byte)'\n');
            var line = lineEnd < 0 ? rest : rest[..lineEnd];
            rest = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            if (line.StartsWith("data"u8) && (line.Length == 4 || line[4] == (byte)':'))
            {
                if (!isWritten)
                {
                    WriteLines(payload, output);
                }

                isWritten = true;
            }
            else if (line.Length > 0)
            {
                output.Write(line);
                output.Write("\n"u8);
            }
        }

        output.Write("\n"u8);
    }

    private static void WriteLines(ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        foreach (var range in payload.SplitAny("\r\n"u8))
        {
            output.Write("data: "u8);
            output.Write(payload[range]);
            output.Write("\n"u8);
        }
    }

    private static bool TryValue(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> field, out ReadOnlyMemory<byte> value)
    {
        value = default;
        var span = line.Span;
        if (!span.StartsWith(field))
        {
            return false;
        }

        if (span.Length == field.Length)
        {
            return true;
        }

        if (span[field.Length] != (byte)':')
        {
            return false;
        }

        var start = field.Length + 1;
        value = line[(span.Length > start && span[start] == (byte)' ' ? start + 1 : start)..];
        return true;
    }

    private static ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> first, List<ReadOnlyMemory<byte>> more)
    {
        var joined = new byte[first.Length + more.Sum(static m => m.Length + 1)];
        first.CopyTo(joined);
        var at = first.Length;
        foreach (var part in more)
        {
            joined[at++] = (byte)'\n';
            part.CopyTo(joined.AsMemory(at));
            at += part.Length;
        }

        return joined;
    }
}
