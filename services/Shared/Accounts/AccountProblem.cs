namespace Gateway.Accounts;

/// <summary>Why an account does not fit into the tree.</summary>
/// <param name="Field">Its member that is wrong, in camel case: <c>teamId</c>, <c>userId</c> or <c>customerId</c>.</param>
/// <param name="Message">What is wrong with it; a sentence that goes on after the member's name.</param>
public readonly record struct AccountProblem(string Field, string Message);
