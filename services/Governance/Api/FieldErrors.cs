namespace Gateway.Governance.Api;

/// <summary>Collects every error of a request, so that its sender mends them in one go.</summary>
internal sealed class FieldErrors
{
    private const int Most = 100;
    private readonly List<FieldError> _errors = [];

    public bool Any => _errors.Count > 0;

    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string field, string message)
    {
        if (_errors.Count < Most)
        {
            _errors.Add(new FieldError(field, message));
        }
    }
}
