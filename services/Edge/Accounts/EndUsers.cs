using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Accounts;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Accounts;

/// <summary>Finds the end user of requests in the places that the settings name, in their order. What the body says was noted when it was scanned.</summary>
internal sealed class EndUsers(IEnumerable<string> sources)
{
    /// <summary>Longest name that is kept as it is, in bytes of UTF-8.</summary>
    public const int MostBytes = 256;

    private readonly EndUserSource[] _sources = [.. sources.Select(EndUserSource.TryParse).OfType<EndUserSource>()];

    /// <summary>The end user that a request names; empty for none. A name that is too long stands for itself by its hash.</summary>
    public string Find(RequestContext context)
    {
        foreach (var source in _sources)
        {
            ref var envelope = ref context.Envelope;
            var found = source.Kind switch
            {
                EndUserPlace.Header => context.Http.Request.Headers.TryGetValue(GatewayHeaders.EndUser, out var header) ? header.ToString().Trim() : "",
                EndUserPlace.User => Text(context, envelope.UserStart, envelope.UserLength),
                EndUserPlace.SafetyIdentifier => Text(context, envelope.SafetyIdentifierStart, envelope.SafetyIdentifierLength),
                EndUserPlace.Baggage => context.Http.Request.Headers.Baggage is { Count: > 0 } baggage ? Baggage.User(baggage.ToString()) : "",
                _ => Metadata(context, source.Name),
            };
            if (found.Length > 0)
            {
                return Bounded(found);
            }
        }

        return "";
    }

    private static string Text(RequestContext context, int start, int length)
    {
        if (length == 0)
        {
            return "";
        }

        var reader = new Utf8JsonReader(context.Body.Span.Slice(start, length));
        return reader.Read() ? BodyMetadata.Scalar(ref reader) : "";
    }

    private static string Metadata(RequestContext context, string name) =>
        BodyMetadata.TryFind(context, name, out var reader) && BodyMetadata.Scalar(ref reader) is { Length: > 0 } value
            ? value
            : context.HeaderMetadata?.GetValueOrDefault(name) ?? "";

    private static string Bounded(string name)
    {
        if (name.Length * 3 <= MostBytes || Encoding.UTF8.GetByteCount(name) <= MostBytes)
        {
            return name;
        }

        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }
}
