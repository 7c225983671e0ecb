using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Routing;

/// <summary>
/// The models a caller wants to fall back to: <c>fallbacks</c> in the body of an OpenAI request, or the header <c>x-gateway-fallbacks</c> in any dialect. The
/// member is blanked out of the body, so that every position that is known of it stays right and no provider sees it.
/// </summary>
internal static class CallerFallbacks
{
    private const int Most = 10;
    private const int MostChars = 256;

    public static Failure? Take(RequestContext context)
    {
        if (context.Http.Request.Headers.TryGetValue(GatewayHeaders.Fallbacks, out var header))
        {
            context.CallerFallbacks = header.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        if (context.Envelope.FallbacksLength > 0)
        {
            var member = context.Body.Span.Slice(context.Envelope.FallbacksStart, context.Envelope.FallbacksLength);
            if (Read(member) is not { } names)
            {
                return new Failure(GatewayError.ValueInvalid, Step.Route, "'fallbacks' must be a list of model names.") { Param = "fallbacks" };
            }

            context.CallerFallbacks = names;
            Blank(context);
        }

        return context.CallerFallbacks.Count <= Most && context.CallerFallbacks.All(static n => n.Length is > 0 and <= MostChars)
            ? null
            : new Failure(GatewayError.ValueInvalid, Step.Route, $"At most {Most} fallbacks may be named, each with 1 to {MostChars} characters.") { Param = "fallbacks" };
    }

    private static List<string>? Read(ReadOnlySpan<byte> member)
    {
        // The name, then the colon: what follows is the value.
        var reader = new Utf8JsonReader(member[(member.IndexOf((byte)':') + 1)..]);
        var names = new List<string>();
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return reader.TokenType == JsonTokenType.Null ? names : null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                names.Add(reader.GetString()!);
            }

            return reader.TokenType == JsonTokenType.EndArray ? names : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Blank(RequestContext context)
    {
        var body = MemoryMarshal.AsMemory(context.Body.Memory).Span;
        var (start, end) = (context.Envelope.FallbacksStart, context.Envelope.FallbacksStart + context.Envelope.FallbacksLength);
        body[start..end].Fill((byte)' ');
        var after = end + body[end..].IndexOfAnyExcept(" \t\r\n"u8);
        if (body[after] == (byte)',')
        {
            body[after] = (byte)' ';
            return;
        }

        // The last member: the comma before it goes. A body has at least the model besides, so there is one.
        body[body[..start].LastIndexOf((byte)',')] = (byte)' ';
    }
}
