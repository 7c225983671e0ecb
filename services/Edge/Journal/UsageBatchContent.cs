using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Edge.Journal;

/// <summary>A <see cref="Contracts.Usage.UsageBatch"/> as a request body, from records that are JSON already.</summary>
internal sealed class UsageBatchContent : HttpContent
{
    private static readonly byte[] Tail = "]}"u8.ToArray();

    private readonly byte[] _head;
    private readonly ReadOnlyMemory<byte> _records;

    /// <summary>Makes a body.</summary>
    /// <param name="edgeId">The edge that sends: hex digits.</param>
    /// <param name="refused">Records that were refused and are set aside.</param>
    /// <param name="records">Objects separated by commas.</param>
    public UsageBatchContent(string edgeId, int refused, ReadOnlyMemory<byte> records)
    {
        _head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"edgeId\":\"{edgeId}\",\"refused\":{refused},\"records\":["));
        _records = records;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_head, cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync(_records, cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync(Tail, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _head.Length + _records.Length + Tail.Length;
        return true;
    }
}
