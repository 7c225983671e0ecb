using System.Buffers;
using System.Text.Json;

namespace Gateway.Edge.Caching.Keys;

/// <summary>What one token of a request's body is, and where.</summary>
internal struct RequestToken
{
    public JsonTokenType Type;

    /// <summary>True when its bytes had escapes and lie, without them, beside the body.</summary>
    public bool IsAside;

    /// <summary>True when its bytes are no text (a lone surrogate): they count as they are written.</summary>
    public bool IsRaw;

    public int Start;

    public int Length;

    /// <summary>Of an object or array: the token after its end.</summary>
    public int Next;
}

/// <summary>The tokens of a JSON body in order. Its memory is pooled: dispose it.</summary>
internal ref struct RequestTokens
{
    private readonly ReadOnlySpan<byte> _body;
    private RequestToken[] _tokens;
    private byte[] _aside;
    private int _asideLength;

    private RequestTokens(ReadOnlySpan<byte> body)
    {
        _body = body;
        _tokens = ArrayPool<RequestToken>.Shared.Rent(Math.Clamp(body.Length / 12, 64, 4_096));
        _aside = [];
    }

    public int Count { get; private set; }

    public readonly ref readonly RequestToken this[int index] => ref _tokens[index];

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="maxDepth">Its deepest nesting.</param>
    /// <param name="tokens">Its tokens, to be disposed of in any case.</param>
    /// <returns>False when it is not one JSON object.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, int maxDepth, out RequestTokens tokens)
    {
        tokens = new RequestTokens(body);
        return tokens.Read(maxDepth);
    }

    /// <summary>The bytes of a string, number or name, without escapes.</summary>
    public readonly ReadOnlySpan<byte> Bytes(in RequestToken token) => (token.IsAside ? _aside : _body).Slice(token.Start, token.Length);

    /// <summary>The token after a value.</summary>
    public readonly int After(int value) => _tokens[value].Type is JsonTokenType.StartObject or JsonTokenType.StartArray ? _tokens[value].Next : value + 1;

    /// <summary>The value of an object's member, or -1. Of several with that name the last.</summary>
    public readonly int Find(int value, ReadOnlySpan<byte> name)
    {
        if (value < 0 || _tokens[value].Type != JsonTokenType.StartObject)
        {
            return -1;
        }

        var found = -1;
        for (var i = value + 1; i < _tokens[value].Next; i = After(i + 1))
        {
            if (Bytes(_tokens[i]).SequenceEqual(name))
            {
                found = i + 1;
            }
        }

        return found;
    }

    public void Dispose()
    {
        if (_tokens.Length > 0)
        {
            ArrayPool<RequestToken>.Shared.Return(_tokens);
            _tokens = [];
        }

        if (_aside.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_aside);
            _aside = [];
        }
    }

    private bool Read(int maxDepth)
    {
        var reader = new Utf8JsonReader(_body, new JsonReaderOptions { MaxDepth = maxDepth });
        Span<int> open = stackalloc int[Math.Min(maxDepth, 1_024) + 1];
        var depth = 0;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        _tokens[open[--depth]].Next = Count;
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open[depth++] = Count;
                        Add(new RequestToken { Type = reader.TokenType });
                        break;
                    default:
                        Add(Scalar(reader));
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // The envelope was read before; but what is changed on the way must not end the request.
            return false;
        }

        return Count > 0 && depth == 0 && _tokens[0].Type == JsonTokenType.StartObject;
    }

    private RequestToken Scalar(in Utf8JsonReader reader)
    {
        var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        var token = new RequestToken { Type = reader.TokenType, Start = (int)reader.TokenStartIndex + (isText ? 1 : 0), Length = reader.ValueSpan.Length };
        if (!isText || !reader.ValueIsEscaped)
        {
            return token;
        }

        Reserve(token.Length);
        try
        {
            var length = reader.CopyString(_aside.AsSpan(_asideLength));
            token = token with { IsAside = true, Start = _asideLength, Length = length };
            _asideLength += length;
        }
        catch (InvalidOperationException)
        {
            token.IsRaw = true;
        }

        return token;
    }

    private void Reserve(int bytes)
    {
        if (_aside.Length - _asideLength >= bytes)
        {
            return;
        }

        // All that is still to come has no more bytes without its escapes than with them.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_body.Length, _asideLength + bytes));
        _aside.AsSpan(0, _asideLength).CopyTo(larger);
        if (_aside.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_aside);
        }

        _aside = larger;
    }

    private void Add(in RequestToken token)
    {
        if (Count == _tokens.Length)
        {
            var larger = ArrayPool<RequestToken>.Shared.Rent(Count * 2);
            _tokens.AsSpan(0, Count).CopyTo(larger);
            ArrayPool<RequestToken>.Shared.Return(_tokens);
            _tokens = larger;
        }

        _tokens[Count++] = token;
    }
}
