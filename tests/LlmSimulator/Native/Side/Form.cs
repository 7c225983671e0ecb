using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>A multipart form.</summary>
internal sealed class Form
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string FileName, byte[] Bytes)> _files = new(StringComparer.Ordinal);

    public string? Text(string name) => _texts.GetValueOrDefault(name);

    public (string FileName, byte[] Bytes)? File(string name) => _files.TryGetValue(name, out var file) ? file : null;

    /// <summary>Null when the body is no multipart form.</summary>
    public static Form? Read(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || type.MediaType != "multipart/form-data" || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return null;
        }

        var form = new Form();
        var mark = Encoding.ASCII.GetBytes("--" + boundary);
        var rest = body.Span;
        for (var at = rest.IndexOf(mark); at >= 0; at = rest.IndexOf(mark))
        {
            rest = rest[(at + mark.Length)..];
            var end = rest.IndexOf(mark);
            var blank = rest.IndexOf("\r\n\r\n"u8);
            if (end < 0 || blank < 0 || blank > end)
            {
                break;
            }

            form.Add(Encoding.UTF8.GetString(rest[..blank]), rest[(blank + 4)..Math.Max(blank + 4, end - 2)]);
        }

        return form;
    }

    private void Add(string head, ReadOnlySpan<byte> content)
    {
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("content-disposition:", StringComparison.OrdinalIgnoreCase));
        if (line is null || !ContentDispositionHeaderValue.TryParse(line["content-disposition:".Length..].Trim(), out var disposition))
        {
            return;
        }

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        if (disposition.IsFileDisposition())
        {
            _files[name.TrimEnd('[', ']')] = (HeaderUtilities.RemoveQuotes(disposition.FileName).Value ?? "", content.ToArray());
        }
        else
        {
            _texts[name.TrimEnd('[', ']')] = Encoding.UTF8.GetString(content);
        }
    }
}
