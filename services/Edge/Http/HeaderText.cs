using System.Globalization;
using System.Text;

namespace Gateway.Edge.Http;

/// <summary>Text as a header value.</summary>
internal static class HeaderText
{
    private const int MaxLength = 4_000;

    /// <summary>A wait in whole seconds, as <c>Retry-After</c> has it: never shorter than it is.</summary>
    public static string Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    /// <summary>True when a text can be the value of a header as it is.</summary>
    public static bool IsPlain(string text) => text.Length is > 0 and <= 256 && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    /// <summary>Names separated by commas. Characters that a header cannot carry are replaced, and a list that is too long ends with an ellipsis.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        var text = new StringBuilder();
        foreach (var name in names)
        {
            if (text.Length + name.Length > MaxLength)
            {
                return text.Append(text.Length == 0 ? "..." : ", ...").ToString();
            }

            text.Append(text.Length == 0 ? "" : ", ");
            foreach (var c in name)
            {
                text.Append(c is > ' ' and < '\x7f' and not ',' ? c : '_');
            }
        }

        return text.ToString();
    }
}
