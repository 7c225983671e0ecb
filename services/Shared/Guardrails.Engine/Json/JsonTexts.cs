using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Guardrails.Engine.Json;

/// <summary>Texts of JSON strings and back, so that lone surrogates, which JSON allows and encodings do not, survive.</summary>
public static class JsonTexts
{
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The text of a JSON string, given without its quotes.</summary>
    /// <param name="escaped">What stands between the quotes.</param>
    public static string Read(ReadOnlySpan<byte> escaped)
    {
        if (escaped.IndexOf((byte)'\\') < 0)
        {
            return Encoding.UTF8.GetString(escaped);
        }

        var text = new StringBuilder(escaped.Length);
        while (!escaped.IsEmpty)
        {
            var at = escaped.IndexOf((byte)'\\');
            var plain = at < 0 ? escaped : escaped[..at];
            text.Append(Encoding.UTF8.GetString(plain));
            escaped = escaped[plain.Length..];
            if (escaped.Length > 1)
            {
                escaped = escaped[Unescape(escaped, text)..];
            }
            else
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <summary>Writes a text as a JSON string with its quotes.</summary>
    /// <param name="text">The text; lone surrogates are escaped.</param>
    /// <param name="output">Takes the bytes.</param>
    public static void Write(string text, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(output);
        output.Write("\""u8);
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (c is '"' or '\\' or < ' ' || char.IsSurrogate(c))
            {
                Encoding.UTF8.GetBytes(text.AsSpan(start, i - start), output);
                start = i + 1;
                Escape(c, output);
            }
        }

        Encoding.UTF8.GetBytes(text.AsSpan(start), output);
        output.Write("\""u8);
    }

    /// <summary>JSON as it is shown to detectors: letters that need no escape have none, for an escape would hide what is written with it.</summary>
    /// <param name="json">The value.</param>
    /// <param name="raw">The same as it is written.</param>
    public static string Unhidden(JsonElement json, ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOf("\\u"u8) < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        try
        {
            var buffer = new ArrayBufferWriter<byte>(raw.Length);
            using (var writer = new Utf8JsonWriter(buffer, _relaxed))
            {
                json.WriteTo(writer);
            }

            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A lone surrogate somewhere: no writer takes it, so it is shown as it was written.
            return Encoding.UTF8.GetString(raw);
        }
    }

    /// <summary>The same for JSON within a text; a text that is no JSON is given back as it is.</summary>
    /// <param name="json">The text.</param>
    public static string Unhidden(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (!json.Contains("\\u", StringComparison.Ordinal))
        {
            return json;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
            return Unhidden(document.RootElement, Encoding.UTF8.GetBytes(json));
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static int Unescape(ReadOnlySpan<byte> escape, StringBuilder text)
    {
        if (escape[1] == 'u' && escape.Length >= 6 && Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out var read, 'x') && read == 4)
        {
            text.Append((char)unit);
            return 6;
        }

        text.Append(escape[1] switch { (byte)'b' => '\b', (byte)'f' => '\f', (byte)'n' => '\n', (byte)'r' => '\r', (byte)'t' => '\t', var other => (char)other });
        return 2;
    }

    private static void Escape(char c, IBufferWriter<byte> output)
    {
        switch (c)
        {
            case '"' or '\\':
                output.Write([(byte)'\\', (byte)c]);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            default:
                output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));
                break;
        }
    }
}
