namespace Gateway.Dialects.Json;

/// <summary>Follows a JSON object or array that comes in pieces, to see when it is whole. It does not check it.</summary>
internal sealed class JsonProgress
{
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>True when the outermost object or array has been closed.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads on.</summary>
    public void Feed(string piece)
    {
        foreach (var c in piece)
        {
            if (_escaped)
            {
                _escaped = false;
            }
            else if (_inString)
            {
                _escaped = c == '\\';
                _inString = c != '"';
            }
            else if (c == '"')
            {
                _inString = true;
            }
            else if (c is '{' or '[')
            {
                _depth++;
            }
            else if (c is '}' or ']')
            {
                _depth--;
                IsComplete |= _depth == 0;
            }
        }
    }
}
