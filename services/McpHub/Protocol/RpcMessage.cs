using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.McpHub.Protocol;

/// <summary>One message of JSON-RPC, taken apart without being copied.</summary>
internal readonly struct RpcMessage
{
    /// <summary>What it is.</summary>
    public RpcKind Kind { get; private init; }

    /// <summary>The id as it was written; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Id { get; private init; }

    /// <summary>The method of a request or notification.</summary>
    public string Method { get; private init; }

    /// <summary>The <c>params</c> of a request or notification, <c>{}</c> when it has none; the <c>result</c> or <c>error</c> of a response.</summary>
    public ReadOnlyMemory<byte> Body { get; private init; }

    /// <summary>For <see cref="RpcKind.Bad"/>: the code of the error to answer with.</summary>
    public int Problem { get; private init; }

    /// <summary>For <see cref="RpcKind.Bad"/>: what is wrong.</summary>
    public string Reason { get; private init; }

    /// <summary>The id as a number of the hub's own; null for every other.</summary>
    public long? NumberId => System.Buffers.Text.Utf8Parser.TryParse(Id.Span, out long id, out var used) && used == Id.Length ? id : null;

    /// <summary>The message with another body.</summary>
    public RpcMessage WithBody(ReadOnlyMemory<byte> body)
        => body.Equals(Body) ? this : new() { Kind = Kind, Id = Id, Method = Method, Body = body, Problem = Problem, Reason = Reason };

    /// <summary>Takes a message apart. What is no message is <see cref="RpcKind.Bad"/>; nothing throws.</summary>
    public static RpcMessage Read(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            return Bad(RpcError.ParseError, "The message is not UTF-8.", default);
        }

        try
        {
            return ReadObject(json);
        }
        catch (JsonException)
        {
            return Bad(RpcError.ParseError, "The message is not valid JSON, or nests deeper than allowed.", default);
        }
    }

    private static RpcMessage ReadObject(ReadOnlyMemory<byte> json)
    {
        ReadOnlyMemory<byte> id = default, parameters = default, result = default, error = default;
        string? method = null;
        var isVersionRight = false;
        var isTwice = false;
        var reader = new Utf8JsonReader(json.Span, JsonBytes.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            while (reader.Read())
            {
            }

            return Bad(RpcError.InvalidRequest, "A message must be a JSON object.", default);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.ValueTextEquals("jsonrpc"u8) ? 1 : reader.ValueTextEquals("id"u8) ? 2 : reader.ValueTextEquals("method"u8) ? 3
                : reader.ValueTextEquals("params"u8) ? 4 : reader.ValueTextEquals("result"u8) ? 5 : reader.ValueTextEquals("error"u8) ? 6 : 0;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var type = reader.TokenType;
            if (member == 1)
            {
                isVersionRight = type == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
            }
            else if (member == 3 && type == JsonTokenType.String)
            {
                isTwice |= method is not null;
                method = JsonBytes.TryString(json.Span[start..(int)reader.BytesConsumed], out var name) ? name : "";
            }

            reader.Skip();
            var value = json[start..(int)reader.BytesConsumed];
            switch (member)
            {
                case 2:
                    isTwice |= !id.IsEmpty;
                    id = value;
                    break;
                case 4:
                    isTwice |= !parameters.IsEmpty;
                    parameters = value;
                    break;
                case 5:
                    isTwice |= !result.IsEmpty;
                    result = value;
                    break;
                case 6:
                    isTwice |= !error.IsEmpty;
                    error = value;
                    break;
                default:
                    break;
            }
        }

        // Anything after the object is an error that the reader throws.
        while (reader.Read())
        {
        }

        var isIdLegal = id.IsEmpty || id.Span[0] is (byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9');
        var known = isIdLegal ? id : default;
        if (!isVersionRight)
        {
            return Bad(RpcError.InvalidRequest, "The member jsonrpc must be \"2.0\".", known);
        }

        if (isTwice)
        {
            return Bad(RpcError.InvalidRequest, "The message has a member twice.", known);
        }

        return Judge(method, id, known, isIdLegal, parameters, result, error);
    }

    private static RpcMessage Judge(
        string? method, ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> known, bool isIdLegal, ReadOnlyMemory<byte> parameters, ReadOnlyMemory<byte> result, ReadOnlyMemory<byte> error)
    {
        if (method is null)
        {
            // An error about what could not be read has no id, or null.
            var isNull = id.Span.SequenceEqual("null"u8);
            return !error.IsEmpty && JsonBytes.IsObject(error.Span) && (isIdLegal || isNull) ? new RpcMessage { Kind = RpcKind.Error, Id = known, Body = error, Method = "", Reason = "" }
                : !result.IsEmpty && JsonBytes.IsObject(result.Span) && isIdLegal && !id.IsEmpty ? new RpcMessage { Kind = RpcKind.Result, Id = id, Body = result, Method = "", Reason = "" }
                : Bad(RpcError.InvalidRequest, "The message is neither a request, nor a notification, nor a response.", known);
        }

        if (method.Length == 0 || !isIdLegal || !result.IsEmpty || !error.IsEmpty)
        {
            return Bad(RpcError.InvalidRequest, isIdLegal ? "The message is neither a request nor a response." : "The id must be a text or a whole number.", known);
        }

        if (!parameters.IsEmpty && !JsonBytes.IsObject(parameters.Span))
        {
            return Bad(RpcError.InvalidRequest, "The member params must be an object.", known);
        }

        return new RpcMessage
        {
            Kind = id.IsEmpty ? RpcKind.Notification : RpcKind.Request,
            Id = id,
            Method = method,
            Body = parameters.IsEmpty ? JsonBytes.EmptyObject : parameters,
            Reason = "",
        };
    }

    private static RpcMessage Bad(int code, string reason, ReadOnlyMemory<byte> id) => new() { Kind = RpcKind.Bad, Problem = code, Reason = reason, Id = id, Method = "" };
}

/// <summary>Kinds of messages.</summary>
internal enum RpcKind
{
    /// <summary>No message.</summary>
    Bad,

    /// <summary>A request.</summary>
    Request,

    /// <summary>A notification.</summary>
    Notification,

    /// <summary>A response with a result.</summary>
    Result,

    /// <summary>A response with an error.</summary>
    Error,
}
