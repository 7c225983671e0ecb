using System.Text.Json;
using Gateway.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Accounts;

/// <summary>
/// Adds the tags that a request brings to those of its key: the header <c>x-gateway-tags</c>, <c>tags</c> in the header <c>x-gateway-metadata</c>, and <c>tags</c> in the
/// body's metadata. The headers are meant for the gateway: what is wrong in them is an error. The body's metadata is the caller's own and goes to the provider: what is no
/// tag in it is passed over.
/// </summary>
internal static class RequestTags
{
    private const string Member = "tags";
    private static readonly char[] _separators = [',', ' '];

    public static Failure? Read(RequestContext context)
    {
        List<string>? added = null;
        if (context.Http.Request.Headers.TryGetValue(GatewayHeaders.Tags, out var header) && Add(ref added, header.ToString(), GatewayHeaders.Tags) is { } failure)
        {
            return failure;
        }

        if (context.HeaderMetadata?.GetValueOrDefault(Member) is { } inMetadata && Add(ref added, inMetadata, GatewayHeaders.Metadata) is { } wrong)
        {
            return wrong;
        }

        if (BodyMetadata.TryFind(context, Member, out var reader))
        {
            AddBody(ref added, ref reader);
        }

        if (added is null)
        {
            return null;
        }

        var key = context.Tags;
        context.Tags = [.. key.Concat(added).Distinct(StringComparer.Ordinal)];
        context.TagsText = context.Tags.Length == key.Length ? context.TagsText : string.Join(' ', context.Tags);
        return null;
    }

    private static Failure? Add(ref List<string>? added, string text, string header)
    {
        foreach (var tag in text.Split(_separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Tags.IsGood(tag))
            {
                return new Failure(GatewayError.ValueInvalid, Step.Authorize, $"A tag in the header {header} {Tags.Form}; several are separated by commas.") { Param = header };
            }

            if ((added ??= []).Count == Tags.Most)
            {
                return new Failure(GatewayError.ValueInvalid, Step.Authorize, $"A request may have at most {Tags.Most} tags of its own.") { Param = header };
            }

            added.Add(tag);
        }

        return null;
    }

    private static void AddBody(ref List<string>? added, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach (var tag in BodyMetadata.Scalar(ref reader).Split(_separators, StringSplitOptions.RemoveEmptyEntries))
            {
                AddGood(ref added, tag);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                AddGood(ref added, BodyMetadata.Scalar(ref reader));
                reader.Skip();
            }
        }
    }

    private static void AddGood(ref List<string>? added, string tag)
    {
        if (Tags.IsGood(tag) && (added?.Count ?? 0) < Tags.Most)
        {
            (added ??= []).Add(tag);
        }
    }
}
