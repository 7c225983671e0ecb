using Gateway.Guardrails.Engine.Normalization;
using System.Buffers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Signs of structure in a folded text that words do not show.</summary>
[Flags]
internal enum Marker
{
    None = 0,

    /// <summary>Tokens by which models set turns apart.</summary>
    ChatToken = 1,

    /// <summary>A line that begins like another speaker's turn.</summary>
    Turn = 2,

    /// <summary>An address on the web.</summary>
    Url = 4,

    /// <summary>An e-mail address.</summary>
    Email = 8,

    /// <summary>A picture or link in Markdown.</summary>
    MarkdownLink = 16,

    /// <summary>A line of signs that sets parts of a text apart, or says that one ends.</summary>
    Divider = 32,

    /// <summary>A tag or comment of HTML.</summary>
    Html = 64,

    /// <summary>A block of code.</summary>
    CodeFence = 128,

    /// <summary>A place to be filled in.</summary>
    Placeholder = 256,

    /// <summary>An address with a place to be filled in: what is put there leaves with the request.</summary>
    OpenUrl = 512,
}

/// <summary>Finds markers.</summary>
internal static class Markers
{
    private static readonly SearchValues<string> _tokens = SearchValues.Create(
        [
            "<|im_start|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|endoftext|>", "<|end|>", "<|eot_id|>", "<|start_header_id|>", "<|begin_of_text|>", "[inst]", "[/inst]", "<<sys>>",
            "<</sys>>", "<start_of_turn>", "<end_of_turn>", "</s>", "<|end_of_turn|>", "[system]", "[/system]", "<system>", "</system>", "<system_prompt>", "[system message", "[system note", "[admin]", "[assistant]",
            "<|im_sep|>", "### instruction", "###instruction", "### system", "### response", "<|channel|>", "<|message|>", "<|return|>", "<|endofprompt|>", "<assistant>", "<human>", "<system mode>", "<god mode>", "<admin>",
        ],
        StringComparison.Ordinal);

    private static readonly SearchValues<string> _turns = SearchValues.Create(["\nsystem:", "\nassistant:", "\nuser:", "\nhuman:", "\nai:", "\nchatgpt:", "\nadmin:", "\ndeveloper:"], StringComparison.Ordinal);
    private static readonly SearchValues<string> _urls = SearchValues.Create(["http://", "https://", "www.", "hxxp", "ftp://", "data:text"], StringComparison.Ordinal);

    private static readonly SearchValues<string> _dividers = SearchValues.Create(
        ["=====", "-----", "#####", "*****", "_____", "~~~~~", "%%%", "^^^", "end of", "end user", "<end", "[end", "begin ", "////", "stop here", "\"\"\""], StringComparison.Ordinal);

    private static readonly SearchValues<string> _html = SearchValues.Create(["<!--", "-->", "<div", "<p>", "<img", "<a ", "<span", "<td", "<html", "<script", "<caption", "<body", "/*", "*/"], StringComparison.Ordinal);
    private static readonly SearchValues<string> _placeholders = SearchValues.Create(["[insert", "{prompt", "[prompt", "[your", "{input", "[question", "<insert", "{{", "[topic", "(prompt)", "[name]", "{user"], StringComparison.Ordinal);

    /// <summary>The markers of a folded text.</summary>
    public static Marker Of(ReadOnlySpan<char> text) => Of(text, (Marker)int.MaxValue);

    /// <summary>The markers of a part of a folded text: those that the whole has not are not looked for.</summary>
    /// <param name="text">The part.</param>
    /// <param name="whole">The markers of the whole.</param>
    public static Marker Of(ReadOnlySpan<char> text, Marker whole)
    {
        // Of addresses only the first sign is looked at, which in the whole may be another one.
        var found = text.IndexOf('@') is > 0 and var at && at + 1 < text.Length && CharClass.IsWord(text[at - 1]) && CharClass.IsWord(text[at + 1]) ? Marker.Email : Marker.None;
        if ((whole & ~Marker.Email) == Marker.None)
        {
            return found;
        }

        bool May(Marker marker) => (whole & marker) != 0;
        if (text.IndexOfAny('<', '[', '#') >= 0)
        {
            found |= May(Marker.ChatToken) && text.IndexOfAny(_tokens) >= 0 ? Marker.ChatToken : 0;
            found |= May(Marker.Html) && text.IndexOfAny(_html) >= 0 ? Marker.Html : 0;
        }
        else
        {
            found |= May(Marker.Html) && (text.Contains("*/", StringComparison.Ordinal) || text.Contains("/*", StringComparison.Ordinal)) ? Marker.Html : 0;
        }

        found |= May(Marker.Placeholder) && text.IndexOfAny(_placeholders) >= 0 ? Marker.Placeholder : 0;
        found |= May(Marker.Turn) && text.IndexOf(':') >= 0 && text.IndexOfAny(_turns) >= 0 ? Marker.Turn : 0;
        found |= May(Marker.Divider) && text.IndexOfAny(_dividers) >= 0 ? Marker.Divider : 0;
        found |= May(Marker.CodeFence) && text.IndexOf("```", StringComparison.Ordinal) >= 0 ? Marker.CodeFence : 0;
        found |= May(Marker.MarkdownLink) && text.IndexOf("](", StringComparison.Ordinal) >= 0 ? Marker.MarkdownLink : 0;
        if (May(Marker.Url) && text.IndexOfAny(_urls) is >= 0 and var url)
        {
            found |= Marker.Url;
            var address = text[url..Math.Min(text.Length, url + 200)];
            var end = address.IndexOfAny(' ', '\n');
            address = end < 0 ? address : address[..end];
            found |= address.IndexOf('=') is > 0 and var equals && equals + 1 < address.Length && address[equals + 1] is '[' or '{' or '<' or '$' or '%' ? Marker.OpenUrl : 0;
        }

        return found;
    }
}
