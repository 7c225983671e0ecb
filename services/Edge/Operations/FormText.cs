using System.Text;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Operations;

/// <summary>Values of a request's form, by name.</summary>
internal readonly struct FormText(RequestContext context)
{
    private readonly IReadOnlyList<FormPart> _parts = context.Form ?? [];
    private readonly ReadOnlyMemory<byte> _body = context.Body.Memory;

    /// <summary>Names of all parts, each once.</summary>
    public IEnumerable<string> Names => _parts.Select(static p => p.Member).Distinct();

    public FormPart? File(string name) => _parts.FirstOrDefault(p => p.IsFile && p.Member == name);

    public string? Text(string name) => Texts(name) is [var first, ..] ? first : null;

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var part in _parts)
        {
            if (!part.IsFile && part.Member == name)
            {
                texts.Add(Encoding.UTF8.GetString(_body.Span.Slice(part.Start, part.Length)));
            }
        }

        return texts;
    }
}
