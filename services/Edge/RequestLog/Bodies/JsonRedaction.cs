using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>
/// Copies JSON with every text in it redacted: names, values, JSON inside of values, and numbers that may be somebody's. Works on decoded texts, so that no escape hides
/// anything. What would only take room (pictures, vectors, token ids) or would tell a text token by token (log probabilities) becomes a remark. A body that is
/// cut, or wrong from some point on, is kept up to there.
/// </summary>
internal sealed class JsonRedaction(IBodyRedactor redactor, int most)
{
    private const int LongestToken = 512;
    private const int FewNumbers = 3;
    private const int TellingDigits = 7;
    private const int MostNested = 3;
    private const int MostDepth = 256;

    private static readonly JsonWriterOptions _writing = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MostDepth + 1 };
    private static readonly SearchValues<char> _base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_");
    private static readonly HashSet<string> _skipped = new(StringComparer.OrdinalIgnoreCase) { "logprobs", "log_probs", "logprobsResult", "top_logprobs" };
    private static readonly HashSet<string> _finishes = new(StringComparer.Ordinal) { "finish_reason", "stop_reason", "finishReason", "stopReason" };

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private int _places;

    /// <summary>Places redacted.</summary>
    public int Places => _places;

    /// <summary>True when something is missing at the end.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Why the model stopped, as the first such member says; empty for none.</summary>
    public string FinishReason { get; private set; } = "";

    /// <summary>Copies a body.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="isWhole">False when its end is missing.</param>
    /// <returns>The copy: always JSON, or empty where nothing could be read.</returns>
    public string Copy(ReadOnlySpan<byte> json, bool isWhole) => Copy(json, isWhole, 0);

    private string Copy(ReadOnlySpan<byte> json, bool isWhole, int nesting)
    {
        using var writer = new Utf8JsonWriter(_buffer, _writing);
        var open = new Stack<bool>();
        var reader = new Utf8JsonReader(json, isWhole, new JsonReaderState(new JsonReaderOptions { MaxDepth = MostDepth }));
        var hasName = false;
        try
        {
            while (reader.Read())
            {
                if (!Step(ref reader, writer, open, ref hasName, nesting) || writer.BytesCommitted + writer.BytesPending >= most)
                {
                    IsCut = true;
                    break;
                }
            }

            IsCut |= !isWhole;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Wrong from here on; the second is a lone surrogate, which JSON can write and no text can hold.
            IsCut = true;
        }

        if (hasName)
        {
            writer.WriteNullValue();
        }

        while (open.TryPop(out var isObject))
        {
            if (isObject)
            {
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteEndArray();
            }
        }

        writer.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    private bool Step(ref Utf8JsonReader reader, Utf8JsonWriter writer, Stack<bool> open, ref bool hasName, int nesting)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                open.Push(true);
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                open.Pop();
                break;
            case JsonTokenType.StartArray:
                if (CountNumbers(reader, out var after, out var isWhole) is > FewNumbers and var count)
                {
                    writer.WriteStringValue(Remark($"{count} numbers"));
                    reader = after;
                    if (!isWhole)
                    {
                        hasName = false;
                        return false;
                    }

                    break;
                }

                writer.WriteStartArray();
                open.Push(false);
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                open.Pop();
                break;
            case JsonTokenType.PropertyName:
                return Name(ref reader, writer, out hasName);
            case JsonTokenType.String:
                var last = hasName ? _lastName : "";
                var text = Text(reader.GetString()!, most - (int)Math.Min(most, writer.BytesCommitted + writer.BytesPending), nesting);
                writer.WriteStringValue(text);
                if (_finishes.Contains(last) && FinishReason.Length == 0)
                {
                    FinishReason = text;
                }

                break;
            case JsonTokenType.Number:
                Number(reader.ValueSpan, writer);
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }

        hasName = false;
        return true;
    }

    private string _lastName = "";

    private bool Name(ref Utf8JsonReader reader, Utf8JsonWriter writer, out bool hasName)
    {
        hasName = false;
        var name = reader.GetString()!;
        if (_skipped.Contains(name))
        {
            return reader.TrySkip();
        }

        _lastName = name;
        writer.WritePropertyName(Redacted(name));
        return hasName = true;
    }

    private string Text(string text, int room, int nesting)
    {
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && text.Contains(";base64,", StringComparison.OrdinalIgnoreCase))
        {
            return Remark($"data, {text.Length} characters");
        }

        if (text.Length >= LongestToken && text.AsSpan().IndexOfAnyExcept(_base64) < 0)
        {
            return Remark($"base64, {text.Length} characters");
        }

        if (nesting < MostNested && text.Length > 1 && text.AsSpan().TrimStart() is ['{' or '[', ..] && Nested(text, nesting) is { } inner)
        {
            return inner;
        }

        return Short(Redacted(text), Math.Max(16, room));
    }

    private string? Nested(string text, int nesting)
    {
        var inner = new JsonRedaction(redactor, most);
        var copy = inner.Copy(Encoding.UTF8.GetBytes(text), isWhole: true, nesting + 1);
        if (inner.IsCut)
        {
            return null;
        }

        _places += inner._places;
        return copy;
    }

    private string Short(string text, int room)
    {
        if (Encoding.UTF8.GetByteCount(text) <= room)
        {
            return text;
        }

        // Cut after it is redacted, so that no half of anything is left over.
        IsCut = true;
        var length = Math.Min(text.Length, room);
        while (length > 0 && (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > room || char.IsHighSurrogate(text[length - 1])))
        {
            length -= Math.Max(1, (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) - room) / 4);
            length = Math.Max(0, length);
        }

        return string.Concat(text.AsSpan(0, length), "…");
    }

    private void Number(ReadOnlySpan<byte> number, Utf8JsonWriter writer)
    {
        if (number.Length < TellingDigits)
        {
            writer.WriteRawValue(number, skipInputValidation: true);
            return;
        }

        var text = Encoding.ASCII.GetString(number);
        var kept = Redacted(text);
        if (kept == text)
        {
            writer.WriteRawValue(number, skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(kept);
        }
    }

    private string Redacted(string text) => redactor.Redact(text, ref _places) ?? Remark($"{text.Length} characters that could not be redacted");

    private static int CountNumbers(Utf8JsonReader reader, out Utf8JsonReader after, out bool isWhole)
    {
        var count = 0;
        isWhole = false;
        after = reader;
        while (reader.Read())
        {
            after = reader;
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                isWhole = true;
                return count;
            }

            if (reader.TokenType != JsonTokenType.Number)
            {
                return 0;
            }

            count++;
        }

        return count;
    }

    private static string Remark(FormattableString what) => $"[left out: {what.ToString(CultureInfo.InvariantCulture)}]";
}
