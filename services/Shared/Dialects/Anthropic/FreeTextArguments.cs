using System.Text.Encodings.Web;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Wraps free text for a tool into the JSON object that its call must be here, piece by piece. Half of a surrogate pair waits for its other half.</summary>
internal sealed class FreeTextArguments
{
    private char _half;

    /// <summary>The JSON before the text.</summary>
    public string Begin()
    {
        _half = '\0';
        return "{\"" + ToolArguments.FreeText + "\":\"";
    }

    /// <summary>A piece of the text, escaped.</summary>
    public string Add(string text)
    {
        if (_half != '\0')
        {
            text = _half + text;
            _half = '\0';
        }

        if (text.Length > 0 && char.IsHighSurrogate(text[^1]))
        {
            _half = text[^1];
            text = text[..^1];
        }

        return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text);
    }

    /// <summary>The JSON after the text.</summary>
    public string End() => (_half == '\0' ? "" : "\\ufffd") + "\"}";
}
