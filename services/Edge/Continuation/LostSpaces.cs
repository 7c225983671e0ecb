namespace Gateway.Edge.Continuation;

/// <summary>
/// Leaves out the space with which the text that has been passed on ended, where a leg begins with it again: a model that goes on with an assistant message gets that
/// message without its last space.
/// </summary>
/// <param name="sent">What the caller has.</param>
internal sealed class LostSpaces(string sent)
{
    private readonly string _spaces = sent[sent.TrimEnd().Length..];
    private int _seen;

    /// <summary>Takes more of the leg's text.</summary>
    /// <returns>What can be passed on.</returns>
    public string Add(string more)
    {
        var at = 0;
        while (at < more.Length && _seen < _spaces.Length && more[at] == _spaces[_seen])
        {
            at++;
            _seen++;
        }

        if (at < more.Length)
        {
            _seen = _spaces.Length;
        }

        return at == 0 ? more : more[at..];
    }
}
