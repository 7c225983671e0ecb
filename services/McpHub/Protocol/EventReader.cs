using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.McpHub.Protocol;

/// <summary>Reads server-sent events from a stream, each at most as long as allowed.</summary>
internal sealed class EventReader(Stream stream, int maxBytes) : IDisposable
{
    // The name of the field and what may stand around its value.
    private const int Around = 64;

    private readonly ReadBuffer buffer = new(stream);
    private bool isFirst = true;

    /// <summary>The next event; null at the end of the stream. An event that the end cuts off is dropped, as the format asks.</summary>
    /// <exception cref="MessageTooLargeException">An event is longer than allowed.</exception>
    public async ValueTask<ServerEvent?> ReadAsync(CancellationToken cancellation)
    {
        var data = new ArrayBufferWriter<byte>();
        string? name = null;
        string? id = null;
        TimeSpan? retry = null;
        var hasData = false;
        while (true)
        {
            if (await LineAsync(cancellation).ConfigureAwait(false) is not { } line)
            {
                return null;
            }

            if (line.IsEmpty)
            {
                if (hasData || id is not null || retry is not null)
                {
                    return new ServerEvent(name ?? "message", data.WrittenMemory, id, retry);
                }

                name = null;
                continue;
            }

            var (field, value) = Split(line);
            if (field.Span.SequenceEqual("data"u8))
            {
                if (data.WrittenCount + value.Length > maxBytes)
                {
                    throw new MessageTooLargeException(maxBytes);
                }

                if (hasData)
                {
                    data.Write("\n"u8);
                }

                data.Write(value.Span);
                hasData = true;
            }
            else if (field.Span.SequenceEqual("event"u8))
            {
                name = Encoding.UTF8.GetString(value.Span);
            }
            else if (field.Span.SequenceEqual("id"u8))
            {
                id = Encoding.UTF8.GetString(value.Span);
            }
            else if (field.Span.SequenceEqual("retry"u8) && int.TryParse(value.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            {
                retry = TimeSpan.FromMilliseconds(milliseconds);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    private static (ReadOnlyMemory<byte> Field, ReadOnlyMemory<byte> Value) Split(ReadOnlyMemory<byte> line)
    {
        var colon = line.Span.IndexOf((byte)':');
        if (colon < 0)
        {
            return (line, default);
        }

        var value = line[(colon + 1)..];
        return (line[..colon], value.Span is [(byte)' ', ..] ? value[1..] : value);
    }

    // The line is valid until the next is read.
    private async ValueTask<ReadOnlyMemory<byte>?> LineAsync(CancellationToken cancellation)
    {
        var searched = 0;
        while (true)
        {
            if (Line(ref searched) is { } line)
            {
                return line;
            }

            if (buffer.Length > maxBytes + Around)
            {
                throw new MessageTooLargeException(maxBytes);
            }

            if (!await buffer.FillAsync(cancellation).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    private ReadOnlyMemory<byte>? Line(ref int searched)
    {
        var rest = buffer.Span[searched..];
        var at = rest.IndexOfAny((byte)'\n', (byte)'\r');

        // A CR at the end of what is there may be the half of a CRLF.
        if (at < 0 || (rest[at] != (byte)'\n' && at + 1 == rest.Length))
        {
            searched = at < 0 ? buffer.Length : searched + at;
            return null;
        }

        var line = buffer.Memory[..(searched + at)];
        buffer.Skip(line.Length + (rest[at] == (byte)'\r' && rest[at + 1] == (byte)'\n' ? 2 : 1));
        if (isFirst)
        {
            isFirst = false;
            line = line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
        }

        return line;
    }
}

/// <summary>One server-sent event.</summary>
/// <param name="Name">Its name, <c>message</c> when it has none.</param>
/// <param name="Data">Its data.</param>
/// <param name="Id">Its id; null when it has none.</param>
/// <param name="Retry">How long to wait before connecting again.</param>
internal sealed record ServerEvent(string Name, ReadOnlyMemory<byte> Data, string? Id, TimeSpan? Retry);

/// <summary>A message is larger than allowed.</summary>
internal sealed class MessageTooLargeException(int maxBytes) : IOException($"The message is larger than {maxBytes} bytes.");
