using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Dialects;
using Gateway.Edge.Passthrough;

namespace Gateway.Edge.Uploads;

/// <summary>Sums the usage of the answers in a batch's output file.</summary>
internal sealed class BatchResults
{
    private const int MaxLineBytes = 64 * 1024 * 1024;

    private TokenCounts _tokens;

    public TokenCounts Tokens => _tokens;

    /// <summary>True when a line could not be read.</summary>
    public bool IsPartial { get; private set; }

    public async ValueTask ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        // What an earlier attempt read counts no more.
        _tokens = default;
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                Add(buffer.Slice(0, end));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                Add(buffer);
                await pipe.CompleteAsync().ConfigureAwait(false);
                return;
            }

            if (buffer.Length > MaxLineBytes)
            {
                IsPartial = true;
                buffer = buffer.Slice(buffer.End);
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private void Add(in ReadOnlySequence<byte> line)
    {
        var json = line.ToArray();
        if (json.AsSpan().IndexOfAnyExcept(" \t\r"u8) < 0)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("response"u8, out var response) && response.ValueKind == JsonValueKind.Object
                && response.TryGetProperty("body"u8, out var body) && body.ValueKind == JsonValueKind.Object
                && UsageFinder.TryRead(JsonMarshal.GetRawUtf8Value(body).ToArray(), out var counts, out _))
            {
                _tokens = _tokens.Add(counts);
            }
        }
        catch (JsonException)
        {
            IsPartial = true;
        }
    }
}
