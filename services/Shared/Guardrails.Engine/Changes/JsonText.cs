using System.Text;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>Text inside JSON strings.</summary>
internal static class JsonText
{
    /// <summary>Appends a text with what JSON strings cannot hold escaped; everything else as it is.</summary>
    public static void AppendEscaped(StringBuilder target, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '"':
                    target.Append("\\\"");
                    break;
                case '\\':
                    target.Append("\\\\");
                    break;
                case '\n':
                    target.Append("\\n");
                    break;
                case '\r':
                    target.Append("\\r");
                    break;
                case '\t':
                    target.Append("\\t");
                    break;
                case < ' ':
                    target.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    target.Append(c);
                    break;
            }
        }
    }
}
