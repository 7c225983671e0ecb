using System.Net;
using System.Net.Http.Headers;
using Gateway.Dialects.Envelopes;

namespace Gateway.Edge.Upstream;

/// <summary>The caller's body with its edits, written without being copied together.</summary>
internal sealed class SplicedContent : HttpContent
{
    internal static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly BodySplice _splice;

    /// <param name="splice">The body.</param>
    /// <param name="contentType">Its type as the caller gave it; null for JSON.</param>
    public SplicedContent(in BodySplice splice, string? contentType = null)
    {
        _splice = splice;
        if (contentType is null)
        {
            Headers.ContentType = Json;
        }
        else
        {
            Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var i = 0; i < BodySplice.SegmentCount; i++)
        {
            var segment = _splice.Segment(i);
            if (!segment.IsEmpty)
            {
                await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _splice.Length;
        return true;
    }
}
