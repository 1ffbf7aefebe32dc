"""The question turned round: which protected subject, if any, does this account copy?"""
